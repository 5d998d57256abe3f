import Logging
import Observability
import PaymentModel
import ServiceRuntime
import Synchronization
import TransactionalMessaging

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
        /// Grows with every change.
        let version: Int64
    }

    private struct Methods: Decodable {
        let items: [Method]

        var told: MethodStore.Told {
            let refusals: [Provider: Refusal] = items.reduce(into: [:]) { refusals, method in
                // A payment is booked by the method of its provider's name, as it is accepted.
                guard let provider = Provider(rawValue: method.code) else { return }
                if !method.active {
                    refusals[provider] = .notUsed(provider)
                } else if !method.online {
                    refusals[provider] = .notOnline(provider)
                }
            }
            return MethodStore.Told(refusals: refusals, version: items.reduce(0) { $0 + $1.version })
        }
    }

    /// `nil` where this service has no key of its own.
    let invoicing: GuardedOwner?
    let database: Database
    let logger: Logger
    let store = MethodStore()
    let silence = Silence()

    /// Whether it was said that invoicing does not answer: it concerns every request until it does.
    final class Silence: Sendable {
        private let isSaid = Atomic(false)

        /// Whether nobody said so yet.
        func begins() -> Bool { !isSaid.exchange(true, ordering: .relaxed) }

        func ends() { isSaid.store(false, ordering: .relaxed) }
    }

    /// The providers whose method is off: as invoicing says, or said last while it does not answer.
    ///
    /// Of an organisation whose methods it never said, all are taken for allowed: there they are so until somebody
    /// changes them, and clinics are paid while invoicing is away.
    func refusals(in organisation: OrganisationID) async throws -> [Provider: Refusal] {
        guard let invoicing else { return [:] }
        // Before the question, so that what is kept is no newer than the answer.
        let kept = try await database.read(organisation: organisation) { transaction in
            try store.lastTold(of: organisation, in: &transaction)
        }
        let answer: Methods
        do throws(OwnerUnavailable) {
            // Nobody at a till waits longer for a rule that seldom changes.
            answer = try await invoicing.read("/v1/payment-methods", in: organisation, within: .seconds(2))
            silence.ends()
        } catch {
            note(error)
            return kept?.refusals ?? [:]
        }
        let told = answer.told
        // Restored from a backup and changed otherwise, it says something else by the same version.
        if told != kept {
            try await database.maintain(organisation: organisation) { transaction in
                try store.keep(told, over: kept, of: organisation, in: &transaction)
            }
        }
        return told.refusals
    }

    private func note(_ error: OwnerUnavailable) {
        if error.hasAnswered {
            silence.ends()
            // Who answers and says nothing that can be used would leave the rule out for good, unseen.
            logger.error(
                "invoicing does not say which methods are off: what it said last holds, or else all are allowed",
                metadata: [
                    LogField.reason: "\(error.reason)",
                    LogField.remedy: "give this service's key the scope organisation:read at invoicing",
                ])
        } else if silence.begins() {
            logger.warning(
                "invoicing does not answer which methods are off: what it said last holds, or else all are allowed",
                metadata: [LogField.reason: "\(error.reason)"])
        }
    }
}
