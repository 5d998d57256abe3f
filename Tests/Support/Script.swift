package import Foundation
import Synchronization

/// One run of a program; what it prints, complaints included, comes line by line.
package final class Script: Sendable {
    /// How a run ended, and all it printed.
    package struct Ending {
        package let status: Int32
        package let lines: [String]

        /// What somebody who looks for the fault reads first.
        package var lastLines: String { lines.suffix(25).joined(separator: "\n") }
    }

    /// Each line as it comes, for one reader; ends with the program.
    package let lines: AsyncStream<String>
    private let process = Process()
    private let printed = Mutex<[String]>([])

    /// Starts it in the folder of the checkout, with these settings beside the tests' own.
    package init(_ program: URL, _ arguments: [String], environment: [String: String]) throws {
        let pipe = Pipe()
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        self.lines = lines
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.currentDirectoryURL = URL(filePath: ExternalProcess.repository)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.runWithOpenSignals()
        // A thread of its own, for reading blocks and the pool has few threads.
        Thread.detachNewThread { [self] in
            read(pipe.fileHandleForReading, into: continuation)
            continuation.finish()
        }
    }

    /// What was printed so far.
    package var soFar: [String] { printed.withLock(\.self) }

    /// Asks it to end.
    package func stop() {
        if process.isRunning { process.terminate() }
    }

    /// Waits until it has ended.
    package func end() async throws -> Ending {
        for await _ in lines {}
        var ended: Int32?
        try await waitUntil("a script has ended that closed its output") {
            ended = status
            return ended != nil
        }
        return Ending(status: ended ?? -1, lines: soFar)
    }

    /// How it ended; nil while it runs.
    ///
    /// Foundation learns of an end by a socket, which programs that other tests start at the same moment may inherit
    /// and hold open; the system knows at once.
    private var status: Int32? {
        guard process.isRunning else { return process.terminationStatus }
        guard let text = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            let name = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: name)...].split(whereSeparator: \.isWhitespace)
        guard fields.first == "Z", let code = fields.last.flatMap({ Int32($0) }) else { return nil }
        // As waiting for it would tell: the signal below, the exit status above.
        return code & 0x7f == 0 ? code >> 8 : code & 0x7f
    }

    private func read(_ handle: FileHandle, into continuation: AsyncStream<String>.Continuation) {
        var rest = Data()
        while case let data = handle.availableData, !data.isEmpty {
            rest.append(data)
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: rest[..<end], as: UTF8.self)
                rest = Data(rest[rest.index(after: end)...])
                printed.withLock { $0.append(line) }
                continuation.yield(line)
            }
        }
    }
}
