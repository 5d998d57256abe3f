package import Foundation

/// A Python script, run to its end.
package enum PythonScript {
    /// How it ended and what it printed, complaints included.
    package struct Run {
        package let status: Int32
        package let output: String
    }

    package static func run(_ arguments: [String], in folder: URL? = nil) async throws -> Run {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = await text(of: pipe)
        process.waitUntilExit()
        return Run(status: process.terminationStatus, output: output)
    }

    /// Reads on a thread of its own, for the pool's few threads have the broker to serve.
    private static func text(of pipe: Pipe) async -> String {
        let handle = pipe.fileHandleForReading
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(returning: String(decoding: handle.readDataToEndOfFile(), as: UTF8.self))
            }
        }
    }
}
