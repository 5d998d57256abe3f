import Foundation

/// One run of the `embedded-broker` program.
final class BrokerProcess: Sendable {
    /// What it printed as its address.
    let address: String
    private let process: Process
    private let input: FileHandle
    /// One command at a time: each is a line and its answer.
    private let conversation: DispatchQueue
    private let output: LineReader

    /// Starts the program and waits until it is ready.
    static func start(port: UInt16, topics: [String: Int], brokers: Int) async throws -> BrokerProcess {
        let arguments =
            ["--port", "\(port)", "--brokers", "\(brokers)", "--commands"]
            + topics.sorted { $0.key < $1.key }.flatMap { ["--topic", "\($0.key):\($0.value)"] }
        let queue = DispatchQueue(label: "embedded-broker")
        return try await onQueue(queue) { try started(arguments, queue) }
    }

    /// A port somebody has just let go of can still be taken for a moment.
    private static func started(_ arguments: [String], _ queue: DispatchQueue, tries: Int = 20) throws -> BrokerProcess
    {
        do {
            return try BrokerProcess(arguments, queue)
        } catch {
            guard tries > 1 else { throw error }
            Thread.sleep(forTimeInterval: 0.1)
            return try started(arguments, queue, tries: tries - 1)
        }
    }

    private init(_ arguments: [String], _ queue: DispatchQueue) throws {
        let program = try BuiltProgram.url("embedded-broker")
        let input = Pipe()
        let output = Pipe()
        process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.input = input.fileHandleForWriting
        self.output = LineReader(output.fileHandleForReading)
        conversation = queue
        let line = self.output.next()
        guard let line, line.hasPrefix("READY ") else {
            process.terminate()
            throw PrivateBroker.Failure(description: "embedded-broker did not start: \(line ?? "no answer")")
        }
        address = String(line.dropFirst("READY ".count))
    }

    /// Sends a command and waits for its answer.
    func ask(_ command: String) async throws -> String {
        try await Self.onQueue(conversation) { [input, output] in
            try input.write(contentsOf: Data((command + "\n").utf8))
            return output.next() ?? "no answer"
        }
    }

    /// Sends a signal.
    func signal(_ number: Int32) { Foundation.kill(process.processIdentifier, number) }

    /// Ends it at once, frozen or not.
    func kill() {
        signal(SIGKILL)
        process.waitUntilExit()
    }

    private static func onQueue<Answer: Sendable>(
        _ queue: DispatchQueue, _ body: @escaping @Sendable () throws -> Answer
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

/// Lines from a pipe, for one reader at a time.
private final class LineReader: Sendable {
    private let handle: FileHandle

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line, read byte by byte, which is enough for a few short answers; nil at the end.
    func next() -> String? {
        var line: [UInt8] = []
        while let byte = handle.readData(ofLength: 1).first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }
}
