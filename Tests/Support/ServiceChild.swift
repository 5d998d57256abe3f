import Foundation

/// A program of the build folder in a process of its own, with an environment of its own; it ends with the tests.
///
/// A shell stands between, which ends the program when its standard input does: also when the tests are killed.
package final class ServiceChild: Sendable {
    private static let script = """
        "$@" < /dev/null >> "$SERVICE_LOG" 2>&1 &
        echo $!
        cat > /dev/null
        kill -KILL $! 2> /dev/null
        """

    /// The program's own, not the shell's.
    package let processID: Int32
    private let input: FileHandle

    package init(_ program: String, _ arguments: [String], environment: [String: String], log: String) throws {
        let (input, output) = (Pipe(), Pipe())
        // A program started later must not keep the pipe open when we are gone.
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", Self.script, "sh", try BuiltProgram.url(program).path] + arguments
        shell.environment = environment.merging(["SERVICE_LOG": log, "PATH": "/usr/bin:/bin"]) { own, _ in own }
        shell.standardInput = input
        shell.standardOutput = output
        shell.standardError = FileHandle.nullDevice
        try shell.runWithOpenSignals()
        self.input = input.fileHandleForWriting
        guard let processID = Int32(Self.line(output.fileHandleForReading)) else {
            throw TestSupportError("\(program) was not started")
        }
        self.processID = processID
    }

    deinit { try? input.close() }

    /// False once it is dead, also when nobody has asked yet how it died.
    package var isRunning: Bool { state.map { $0 != "Z" } ?? false }

    /// True once it has been stopped where it stands.
    package var isFrozen: Bool { state == "T" }

    package func send(_ signal: Int32) { Foundation.kill(processID, signal) }

    /// Kills it without a warning and waits until all of it is dead: the last of its threads closes what was open.
    package func kill() async throws {
        send(SIGKILL)
        try await waitUntil("\(processID) is dead") { !isRunning && threads <= 1 }
    }

    private var threads: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(processID)/task").count) ?? 0
    }

    private var state: Substring? {
        let text = try? String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8)
        return text?.split(separator: ")").last?.split(separator: " ").first
    }

    private static func line(_ handle: FileHandle) -> String {
        var line: [UInt8] = []
        while let byte = handle.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
