import HTTPServer
import NotificationDomain

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let missing as NotFound: Problem.notFound(missing.rawValue)
        case let rejection as Message.Rejection: refused(rejection)
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
}
