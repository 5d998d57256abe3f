import Foundation
import TestSupport

/// A script of this folder that reads one of our files with a library that knows nothing of us.
enum PythonCheck {
    /// Hands the file to the script as a file of a folder of its own, whose path is the last argument.
    static func run(
        _ script: String, _ arguments: [String], file: [UInt8], named name: String
    ) async throws -> PythonScript.Run {
        let folder = try TemporaryFolder()
        let path = URL(filePath: folder.path).appending(path: name)
        try Data(file).write(to: path)
        return try await PythonScript.run(
            ["\(ExternalProcess.repository)Tests/Integration/Reconciliation/\(script)"] + arguments + [path.path])
    }
}
