import Logging
import Observability
import PaymentModel
import ServiceRuntime
import Synchronization

/// Asks invoicing how the organisation is paid: by a method that is off no payment is asked for nor offered, INV-15.
struct ReadMethods: Sendable {
    /// Why a provider is not used, in invoicing's words; an answer for a person.
    enum Refusal: Error, Hashable, Sendable {
        case notOnline(Provider)
        case notUsed(Provider)

        var words: Sentence {
            switch self {
            case .notOnline(let provider): "\(provider.rawValue) is not allowed online."
            case .notUsed(let provider): "\(provider.rawValue) is not in use."
            }
        }
    }

    /// A method as invoicing shows it; only what we use is read.
    private struct Method: Decodable {
        let code: String
        let online: Bool
        let active: Bool
    }

    private struct Methods: Decodable {
        let items: [Method]
    }

    /// `nil` where this service has no key of its own.
    let invoicing: GuardedOwner?
    let logger: Logger
    let silence = Silence()

    /// Whether it was said that invoicing does not answer: it concerns every request until it does.
    final class Silence: Sendable {
        private let isSaid = Atomic(false)

        /// Whether nobody said so yet.
        func begins() -> Bool { !isSaid.exchange(true, ordering: .relaxed) }

        func ends() { isSaid.store(false, ordering: .relaxed) }
    }

    /// The providers whose method is off.
    ///
    /// An owner that does not answer says nothing, so that clinics are paid while invoicing is away.
    func refusals(in organisation: OrganisationID) async -> [Provider: Refusal] {
        guard let invoicing else { return [:] }
        let answer: Methods
        do throws(OwnerUnavailable) {
            // Nobody at a till waits longer for a rule that seldom changes.
            answer = try await invoicing.read("/v1/payment-methods", in: organisation, within: .seconds(2))
            silence.ends()
        } catch {
            note(error)
            return [:]
        }
        return answer.items.reduce(into: [:]) { refusals, method in
            // A payment is booked by the method of its provider's name, as it is accepted.
            guard let provider = Provider(rawValue: method.code) else { return }
            if !method.active {
                refusals[provider] = .notUsed(provider)
            } else if !method.online {
                refusals[provider] = .notOnline(provider)
            }
        }
    }

    private func note(_ error: OwnerUnavailable) {
        if error.hasAnswered {
            silence.ends()
            // Who answers and says nothing that can be used would leave the rule out for good, unseen.
            logger.error(
                "invoicing does not say which methods are off: all are taken for allowed",
                metadata: [
                    LogField.reason: "\(error.reason)",
                    LogField.remedy: "give this service's key the scope organisation:read at invoicing",
                ])
        } else if silence.begins() {
            logger.warning(
                "invoicing does not answer which methods are off: all are taken for allowed until it does",
                metadata: [LogField.reason: "\(error.reason)"])
        }
    }
}
