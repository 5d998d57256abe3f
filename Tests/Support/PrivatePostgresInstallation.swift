import Foundation

/// Where PostgreSQL's programs are, and as whom they must run: the server refuses to run as root.
struct PostgresInstallation: Sendable {
    let programs: String
    private let asOther: [String]

    static func find() throws -> PostgresInstallation {
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib/postgresql")) ?? []
        let newest = versions.compactMap { Int($0) }.max()
        guard let newest, FileManager.default.isExecutableFile(atPath: "/usr/lib/postgresql/\(newest)/bin/postgres")
        else {
            throw TestSupportError("PostgreSQL's server is not installed; get it with: apt-get install postgresql")
        }
        let isRoot = getuid() == 0
        let asOther =
            isRoot ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : []
        return PostgresInstallation(programs: "/usr/lib/postgresql/\(newest)/bin", asOther: asOther)
    }

    /// Gives the folder to the user the server runs as.
    func own(_ folder: String) throws {
        guard !asOther.isEmpty else { return }
        guard let user = unsafe getpwnam("postgres") else {
            throw TestSupportError(
                "as root the tests need a user named postgres; get it with: apt-get install postgresql")
        }
        guard unsafe chown(folder, user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
            throw TestSupportError("\(folder) could not be given to the user postgres")
        }
    }

    func process(_ program: String, _ arguments: [String]) -> Process {
        let words = asOther + ["\(programs)/\(program)"] + arguments
        let process = Process()
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.currentDirectoryURL = FileManager.default.temporaryDirectory
        return process
    }

    /// Runs a program to its end; answers what it printed, or throws what it complained about.
    @discardableResult
    func run(_ program: String, _ arguments: [String]) async throws -> String {
        let process = process(program, arguments)
        // Files, since a pipe nobody reads in time would stop the program.
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("quittance-\(UUID().uuidString)")
        let log = FileHandle.forLogging(at: output.path)
        defer { try? FileManager.default.removeItem(at: output) }
        process.standardOutput = log
        process.standardError = log
        process.standardInput = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.runWithOpenSignals()
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        let printed = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        guard process.terminationStatus == 0 else {
            throw TestSupportError("\(program) ended with \(process.terminationStatus): \(printed)")
        }
        return printed
    }
}

extension FileHandle {
    /// Opens a file to append to, made if it is not there.
    static func forLogging(at path: String) -> FileHandle {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: path) else { return .nullDevice }
        handle.seekToEndOfFile()
        return handle
    }
}

/// A small program that stops the server and removes its folder when this process ends in any way.
///
/// It reads from a pipe that only this process writes to; the end of the stream is the end of the process.
final class Watchdog: Sendable {
    private static let script = """
        trap '' INT HUP TERM
        cat > /dev/null
        pid=$(head -n 1 "$0/data/postmaster.pid" 2> /dev/null)
        if [ -n "$pid" ]; then
            kill -CONT "$pid"
            kill -QUIT "$pid"
            for _ in $(seq 100); do kill -0 "$pid" || break; sleep 0.1; done
            kill -KILL "$pid"
        fi
        rm -rf "$0"
        """
    private let end: FileHandle

    init(folder: String) throws {
        let pipe = Pipe()
        end = pipe.fileHandleForWriting
        // A program started later must not keep the pipe open when we are gone.
        _ = fcntl(end.fileDescriptor, F_SETFD, FD_CLOEXEC)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", Self.script, folder]
        process.standardInput = pipe
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.runWithOpenSignals()
    }

    deinit { try? end.close() }
}
