package import Foundation

/// A program of the build folder, which stands beside the test bundle.
package enum BuiltProgram {
    package static func url(_ name: String) throws -> URL {
        let here = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        let program = here.deletingLastPathComponent().appendingPathComponent(name)
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw TestSupportError("\(program.path) is missing: run `swift build --product \(name)` first")
        }
        return program
    }
}

/// Whether this machine has a program of a server's; where it has not, the tests with it are skipped and say so.
package func isInstalled(_ program: String) -> Bool {
    ["/usr/sbin", "/usr/bin", "/usr/lib/kannel/test"].contains { folder in
        FileManager.default.isExecutableFile(atPath: "\(folder)/\(program)")
    }
}
