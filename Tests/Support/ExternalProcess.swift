import Foundation

/// A program that runs beside a test and ends with it, whatever becomes of the test.
///
/// It is told to end by the end of its standard input, which the system closes when this process dies.
package final class ExternalProcess: Sendable {
    package struct Failure: Error {
        package let reason: String

        package init(reason: String) { self.reason = reason }
    }

    /// What the program said first: where it listens.
    package let firstLine: String
    private let input = Pipe()
    private let processID: Int32

    /// Starts `python3` with a script of this repository.
    package init(script: String, _ arguments: [String] = []) throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Self.repository + script] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        processID = process.processIdentifier
        firstLine = try Self.readLine(output.fileHandleForReading, of: script)
    }

    deinit { try? input.fileHandleForWriting.close() }

    /// Asks the program to stop, as a supervisor would.
    package func terminate() { kill(processID, SIGTERM) }

    /// The folder of the checkout, with a slash at its end.
    package static let repository: String = {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(folder)/"
    }()

    private static func readLine(_ file: FileHandle, of script: String) throws -> String {
        var line: [UInt8] = []
        while let byte = try file.read(upToCount: 1)?.first, byte != UInt8(ascii: "\n") { line.append(byte) }
        guard !line.isEmpty else { throw Failure(reason: "\(script) did not start; see its message above") }
        return String(decoding: line, as: UTF8.self)
    }
}

/// A folder of its own that is removed with the test.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "quittance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
