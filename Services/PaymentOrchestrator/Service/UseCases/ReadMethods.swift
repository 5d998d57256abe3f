import Logging
import Observability
import PaymentModel
import ServiceRuntime

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
    let invoicing: AskOwner?
    let logger: Logger

    /// The providers whose method is off.
    ///
    /// An owner that does not answer says nothing, so that clinics are paid while invoicing is away.
    func refusals(in organisation: OrganisationID) async -> [Provider: Refusal] {
        guard let invoicing else { return [:] }
        let answer: Methods
        do throws(OwnerUnavailable) {
            // Nobody at a till waits longer for a rule that seldom changes.
            answer = try await invoicing.read("/v1/payment-methods", in: organisation, within: .seconds(2))
        } catch {
            // Who answers and says nothing that can be used would leave the rule out for good, unseen.
            if error.hasAnswered {
                logger.error(
                    "invoicing does not say which methods are off: all are taken for allowed",
                    metadata: [
                        LogField.reason: "\(error.reason)",
                        LogField.remedy: "give this service's key the scope organisation:read at invoicing",
                    ])
            }
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
}
