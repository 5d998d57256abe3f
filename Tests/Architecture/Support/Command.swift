import Foundation

/// A program run to its end.
struct Command {
    let status: Int32
    let output: String
    let errors: String

    /// Runs a program found on the path, in the checkout.
    static func run(_ arguments: [String], in folder: String = Repository.here.root) throws -> Command {
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // A program that fills one pipe while the other is read would wait for ever, so both are read at once.
        let outputReader = PipeReader(output)
        let errorText = errors.fileHandleForReading.readDataToEndOfFile()
        let outputText = outputReader.text()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus, output: outputText, errors: String(decoding: errorText, as: UTF8.self))
    }
}
