import HTTPServer
import NotificationDomain
import PaymentModel
import PostgresClient

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let missing as NotFound: Problem.notFound(missing.rawValue)
        case let stale as StaleVersion:
            Problem(
                .changedSince, detail: "The current version is \(stale.current).",
                remedy: "Read it again and send the change with its new ETag.")
        case let rejection as Message.Rejection: refused(rejection)
        case let rejection as Reminder.Rejection: refused(rejection)
        case let refused as ParsedTemplate.Refused: mistaken(refused)
        case is MoneyError: Problem(.amountOverflow, remedy: "Give a lower price.")
        case let error as PostgresError: constrained(error)
        default: nil
        }
    }

    private static func refused(_ rejection: Message.Rejection) -> Problem {
        switch rejection {
        case .not(let state):
            Problem(
                .conflict, detail: "The message is \(state.rawValue).",
                remedy: "Only a message whose outcome nobody knows can be settled.")
        }
    }

    private static func refused(_ rejection: Reminder.Rejection) -> Problem {
        switch rejection {
        case .not(let state):
            Problem(
                .conflict, detail: "The reminder is \(state.rawValue).",
                remedy: "Only a reminder that is planned can be changed.")
        }
    }

    private static func mistaken(_ refused: ParsedTemplate.Refused) -> Problem {
        let fault = refused.fault
        let place = "Line \(fault.line), column \(fault.column): "
        let known = refused.occasion.fields.map { "{{\($0.rawValue)}}" }.joined(separator: ", ")
        let (reason, remedy) =
            switch fault.kind {
            case .unknownField(let name):
                (place + "there is no field {{\(name.prefix(40))}} here.", "Use one of: \(known).")
            case .notClosed: (place + "two braces are opened and not closed.", "Close them with }} on the same line.")
            case .unpaired(let tag):
                (place + "{{\(tag)}} stands alone.", "Begin with {{#schedule}} and end with {{/schedule}}.")
            case .missing(let field):
                ("{{\(field.rawValue)}} is missing, without which the message helps nobody.", "Put it in.")
            }
        return .field("/\(refused.part.rawValue)", reason: reason, remedy: remedy)
    }

    /// Two people changed the same thing at the same moment.
    private static func constrained(_ error: PostgresError) -> Problem? {
        switch error.constraint {
        case "template_once", "sending_policy_once":
            Problem(
                .changedSince, detail: "Somebody else changed it just now.",
                remedy: "Read it again and send the change with its new ETag.")
        default: nil
        }
    }
}
