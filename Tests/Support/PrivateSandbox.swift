import Foundation
package import HTTPClient
import Logging

/// The outside world of a test's own: the built `sandbox` as a child process on a free port.
///
/// It dies with the test process, whose end closes its standard input.
package final class PrivateSandbox: Sendable {
    /// Why the sandbox does not do as told.
    package struct Failure: Error, CustomStringConvertible {
        /// A sentence for people.
        package let description: String

        /// A failure in one sentence.
        package init(description: String) { self.description = description }
    }

    /// Where it listens, such as `http://127.0.0.1:40123`.
    package let url: String
    /// Base URL of the simulated credit provider.
    package var almaURL: String { url + "/alma" }
    /// Base URL of the simulated Stripe.
    package var stripeURL: String { url + "/stripe" }
    /// Base URL of the simulated PayPal.
    package var paypalURL: String { url + "/paypal" }
    /// Base URL of the simulated SMS gateway.
    package var smsFactorURL: String { url + "/smsfactor" }
    private let process: Process
    private let input: FileHandle
    private let client: HTTPClient

    /// Starts a sandbox and waits until it listens.
    ///
    /// Notifications come again after milliseconds, so that a test of the retries takes no time.
    package static func start(_ arguments: [String] = []) async throws -> PrivateSandbox {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try PrivateSandbox(arguments) }) }
        }
    }

    private init(_ arguments: [String]) throws {
        let input = Pipe()
        let output = Pipe()
        process = Process()
        process.executableURL = try BuiltProgram.url("sandbox")
        process.arguments = ["--until-input-ends", "--webhook-retry", "20"] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.input = input.fileHandleForWriting
        guard let url = Self.address(from: output.fileHandleForReading) else {
            process.terminate()
            throw Failure(description: "the sandbox ended before it listened")
        }
        self.url = url
        var settings = HTTPClientSettings()
        settings.responseBytesMax = 1 << 24
        // Tests that call it are about what it answers, not about how soon.
        (settings.connectTimeout, settings.totalTimeout) = (.seconds(60), .seconds(60))
        client = HTTPClient(settings, logger: Logger(label: "sandbox"))
    }

    deinit { process.terminate() }

    /// Ends it before the test process does.
    package func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Has it take calls and answer none.
    package func freeze() { kill(process.processIdentifier, SIGSTOP) }

    /// Has it answer all it was asked while it was frozen.
    package func thaw() { kill(process.processIdentifier, SIGCONT) }

    /// The line `READY URL`, after whatever the log printed before it.
    private static func address(from handle: FileHandle) -> String? {
        var line: [UInt8] = []
        while let byte = handle.readData(ofLength: 1).first {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("READY ") { return String(text.dropFirst("READY ".count)) }
            line = []
        }
        return nil
    }

    // MARK: Calls

    /// Calls any of its APIs; the body is JSON text.
    package func call(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, headers: [(String, String)] = [],
        timeout: Duration? = nil, bytesMax: Int? = nil
    ) async throws(HTTPClientError) -> SandboxAnswer {
        let bytes = body.map { Array($0.utf8) } ?? (method == .get || method == .delete ? nil : [])
        let request = HTTPRequest(
            method, url + path, headers: [("Content-Type", "application/json")] + headers, body: bytes,
            totalTimeout: timeout, responseBytesMax: bytesMax)
        return SandboxAnswer(try await client.send(request))
    }

    /// Calls the control API and insists on success.
    @discardableResult
    package func control(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil
    ) async throws -> SandboxJSON {
        let answer = try await call(method, "/control" + path, body)
        guard (200..<300).contains(answer.status) else {
            throw Failure(description: "control \(path): \(answer.status) \(answer.text)")
        }
        return answer.json
    }

    /// How many calls of an operation have arrived at a provider.
    package func calls(_ operation: String) async throws -> Int {
        try await control(.get, "/summary")["calls"][operation].int ?? 0
    }
}
