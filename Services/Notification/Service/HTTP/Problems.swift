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
        case is CheckOtherRecipients.Unknown:
            Problem.field(
                "/contactIDs", reason: "One of them is not in the directory, or has no phone an SMS arrives at.",
                remedy: "Give contacts of the directory with a mobile phone.")
        case let unknown as UnknownContacts: refused(unknown)
        case let full as FullContacts: refused(full)
        case let past as PastMoment: refused(past)
        case let planned as ReminderPlannedAlready:
            Problem(
                .reminderPlanned, detail: "A reminder of this payment is planned for then already: \(planned.id).",
                remedy: "Change that one, or give another day or time.")
        case let payment as PaymentEnded:
            Problem(
                .conflict, detail: "The payment is \(payment.ended.rawValue).",
                remedy: "Nobody is reminded of a payment that has ended; ask for a new one where money is still due.")
        case is UndatedAgreement: undated
        case let refused as ParsedTemplate.Refused: mistaken(refused)
        case let fault as CSVTable.Fault: unreadable(fault)
        case let rejection as Quota.Rejection: refused(rejection)
        case let rejection as Campaign.Rejection: refused(rejection)
        case is MoneyError:
            Problem(
                .amountOverflow, detail: "What it would cost is too large to be kept exactly.",
                remedy: "Give a lower price.")
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

    private static func refused(_ unknown: UnknownContacts) -> Problem {
        .fields(
            unknown.places.prefix(Fields.problemsMax).map { place in
                FieldProblem(
                    pointer: "/\(unknown.field)/\(place)", reason: "It is not in the directory.",
                    remedy: "Give contacts of the directory, or leave it out.")
            }, of: unknown.places.count)
    }

    private static func refused(_ full: FullContacts) -> Problem {
        .fields(
            full.places.prefix(Fields.problemsMax).map { place in
                FieldProblem(
                    pointer: "/add/\(place)", reason: "It is in \(ContactDetails.groupsMax) groups already.",
                    remedy: "Take it out of one, or leave it out.")
            }, of: full.places.count)
    }

    private static func refused(_ past: PastMoment) -> Problem {
        .field(
            past.isDayOver ? "/day" : "/time", reason: "It has passed at the clinic (\(past.timeZone)).",
            remedy: past.isDayOver ? "Give today or a day to come." : "Give the time it is now, or one to come.")
    }

    private static var undated: Problem {
        let reason: Sentence = "The client has taken back what was agreed to with this number."
        let remedy: Sentence = "Say when the client decided: what was agreed to before that does not undo it."
        return Problem(
            .decisionUndated, detail: reason, remedy: remedy,
            errors: [FieldProblem(pointer: "/decidedAt", reason: reason, remedy: remedy)])
    }

    private static func refused(_ rejection: Campaign.Rejection) -> Problem {
        switch rejection {
        case .not(let state):
            Problem(
                .conflict, detail: "The campaign is \(state.rawValue).",
                remedy: "A draft can be changed and started, a running one paused and stopped, a paused one resumed.")
        case .nobodyToWriteTo:
            Problem(
                .nobodyToWriteTo, detail: "It names nobody who can be written to.",
                remedy: "Look at its preview: whom it leaves out and why, and which groups nobody is in.")
        }
    }

    private static func refused(_ rejection: Quota.Rejection) -> Problem {
        switch rejection {
        case .tooFew(let left, let wanted):
            Problem(
                .quotaTooSmall,
                detail: left == 1
                    ? "1 part of SMS is left, and \(wanted) would be needed."
                    : "\(left) parts of SMS are left, and \(wanted) would be needed.",
                remedy: "Book parts, write to fewer people or with fewer words, or take back fewer.")
        case .nothing: .field("/parts", reason: "It is nothing.", remedy: "Give what was bought, or a correction.")
        }
    }

    private static func mistaken(_ refused: ParsedTemplate.Refused) -> Problem {
        let (pointer, line, column) = ("/\(refused.place)", refused.fault.line, refused.fault.column)
        let known = refused.occasion.fields.map { "{{\($0.rawValue)}}" }.joined(separator: ", ")
        return switch refused.fault.kind {
        case .unknownField(let name):
            .field(
                pointer,
                reason: "Line \(line), column \(column): there is no field {{\(name.prefix(40))}} here.",
                remedy: "Use one of: \(known).")
        case .notClosed:
            .field(
                pointer, reason: "Line \(line), column \(column): two braces are opened and not closed.",
                remedy: "Close them with }} on the same line.")
        case .unpaired(let tag):
            .field(
                pointer, reason: "Line \(line), column \(column): {{\(tag)}} stands alone.",
                remedy: "Begin with {{#schedule}} and end with {{/schedule}}.")
        case .missing(let field):
            .field(
                pointer, reason: "{{\(field.rawValue)}} is missing, without which the message helps nobody.",
                remedy: "Put it in.")
        }
    }

    /// Two people changed the same thing at the same moment.
    private static func constrained(_ error: PostgresError) -> Problem? {
        switch error.constraint {
        case "template_once", "sending_policy_once":
            Problem(
                .changedSince, detail: "Somebody else changed it just now.",
                remedy: "Read it again and send the change with its new ETag.")
        case "contact_phone_once":
            Problem(
                .phoneInDirectory, detail: "Somebody in the directory has this number.",
                remedy: "Change that contact, or give another number.")
        default: nil
        }
    }

    private static func unreadable(_ fault: CSVTable.Fault) -> Problem {
        Problem(
            .unreadableFile, detail: "Line \(fault.line): \(fault.reason) Nothing was taken in.", remedy: fault.remedy,
            errors: [FieldProblem(pointer: "line \(fault.line)", reason: fault.reason, remedy: fault.remedy)])
    }
}

extension Problem.Code {
    /// Each number is in an organisation's directory once.
    static let phoneInDirectory = Self("phone-in-directory", 409, "The number is in the directory")
    /// The client would get the same words twice.
    static let reminderPlanned = Self("reminder-planned", 409, "The client is reminded then already")
    /// An agreement after a STOP counts only with its time.
    static let decisionUndated = Self("decision-undated", 409, "It is not said when the client decided")
    /// A message has no words that could be shown.
    static let textNotKept = Self("text-not-kept", 404, "The message's words are not kept")
    /// A campaign names nobody who may be written to.
    static let nobodyToWriteTo = Self("nobody-to-write-to", 409, "The campaign would reach nobody")
    /// More parts of SMS are wanted than the organisation has left.
    static let quotaTooSmall = Self("quota-too-small", 409, "Too few parts of SMS are left")
    /// A file is broken or of another kind; nothing of it was taken in.
    static let unreadableFile = Self("unreadable-file", 422, "The file cannot be read")
}
