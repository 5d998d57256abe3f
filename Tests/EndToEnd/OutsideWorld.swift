import HTTPClient
import Logging
import TestSupport

/// The stand-ins of Alma and SMSFactor, which answer at once unless told otherwise.
struct OutsideWorld {
    private let control: String

    init(of system: LocalSystem) { control = "http://127.0.0.1:\(system.portBase + 10)/control" }

    /// Lets every answer come well after its effect, so that whoever is killed in between does not know of the effect.
    func answerLate() async throws {
        let client = HTTPClient(logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() })
        for operation in ["alma.*", "smsfactor.send"] {
            let fault = #"{"operation":"\#(operation)","kind":"slow-answer","milliseconds":100,"times":0}"#
            let answer = try await client.send(HTTPRequest(.post, control + "/faults", body: Array(fault.utf8)))
            guard (200..<300).contains(answer.status) else {
                throw TestSupportError("the sandbox refuses a fault: \(answer.status)")
            }
        }
        await client.close()
    }
}
