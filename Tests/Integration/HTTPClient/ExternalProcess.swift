import Foundation

/// A program that runs beside a test and ends with it, whatever becomes of the test.
///
/// It is told to end by the end of its standard input, which the system closes when this process dies.
final class ExternalProcess: Sendable {
    struct Failure: Error { let reason: String }

    /// What the program said first: where it listens.
    let firstLine: String
    private let input = Pipe()
    private let processID: Int32

    /// Starts `python3` with a script of this repository.
    init(script: String, _ arguments: [String] = []) throws {
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
    func terminate() { kill(processID, SIGTERM) }

    static let repository: String = {
        let folder = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
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
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "quittance-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
