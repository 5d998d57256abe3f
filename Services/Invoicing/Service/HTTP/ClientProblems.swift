import HTTPServer
import InvoicingDomain
import PaymentModel
import PhoneNumbers

/// What refusals about who a client is mean for a caller; the rest is in `Problems`.
enum ClientProblems {
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let refused as ReadPhone.Refused: phone(refused.pointer, refused.refusal)
        case let taken as KeepClient.PhoneTaken:
            .field(
                "/phone", reason: "Another client has this number: \(taken.by).",
                remedy: "Use /v1/clients/\(taken.by), or give another number.")
        case let merged as ClientMerged:
            Problem(
                .clientMerged, detail: "The client was merged into \(merged.into).",
                remedy: "Use /v1/clients/\(merged.into).", headers: ["Location": "/v1/clients/\(merged.into)"])
        case let erased as ClientErased:
            Problem(
                .gone, detail: "The client asked to be forgotten and was, on \(erased.on).",
                remedy: "Its documents are found by their numbers.")
        case let refused as WriteCreditNote.OfForgotten:
            Problem(
                .gone,
                detail: """
                    What was paid would be credit of a client who asked to be forgotten and was, on \(refused.erasedOn).
                    """,
                remedy: refused.due.isZero
                    ? "Nothing of it can be credited." : "Credit what is due at most: \(refused.due).")
        case let refused as EraseClient.Refused:
            Problem(
                .clientNotErasable,
                detail: refused.obstacles.map(\.words).reduce(into: nil as Sentence?) { said, reason in
                    said = said.map { "\($0) \(reason)" } ?? reason
                } ?? "Money is owed or held.",
                remedy: """
                    Collect or write off what is owed, give back or archive what is held, wait for the end of a dispute, \
                    then erase again.
                    """)
        case MergeRejection.sameClient:
            .field("/intoClientID", reason: "It is the same client.", remedy: "Give the client that stays.")
        case let rejection as PhoneMoveRejection: moving(rejection)
        default: nil
        }
    }

    /// A text that is no phone number, and what would be one.
    private static func phone(_ pointer: String, _ refusal: PhoneRefusal) -> Problem {
        let example: Sentence = "Give a number such as 06 12 34 56 78, or with its country such as +33 6 12 34 56 78."
        return switch refusal {
        case .notANumber: .field(pointer, reason: "It is no phone number.", remedy: example)
        case .unknownCountry: .field(pointer, reason: "No country has this code.", remedy: example)
        case .tooShort: .field(pointer, reason: "It has too few digits.", remedy: example)
        case .tooLong: .field(pointer, reason: "It has too many digits.", remedy: example)
        case .wrongLength:
            .field(pointer, reason: "No number of its country has as many digits.", remedy: example)
        case .withExtension:
            .field(pointer, reason: "It has an extension.", remedy: "Give the number alone.")
        case .unassigned:
            .field(
                pointer, reason: "No number of the clinic's country begins like this.",
                remedy: "Check its digits; give a number of another country with its code, such as +32 470 12 34 56.")
        }
    }

    private static func moving(_ rejection: PhoneMoveRejection) -> Problem {
        switch rejection {
        case .sameClient:
            .field("/toClientID", reason: "It is the same client.", remedy: "Give the client that gets the number.")
        case .noPhone:
            Problem(
                .conflict, detail: "The client has no phone number.", remedy: "Enter one with the client first.")
        case .otherHasOne:
            Problem(
                .conflict, detail: "The other client has a phone number already.",
                remedy: "Say \"replacing\": true if it is not theirs any more.")
        }
    }
}

extension Problem.Code {
    /// Money is owed, held or disputed.
    static let clientNotErasable = Self("client-not-erasable", 409, "The client can't be forgotten yet")
    /// The client is another one by now.
    static let clientMerged = Self("client-merged", 409, "The client became another one")
}
