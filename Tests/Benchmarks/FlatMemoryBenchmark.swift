import ArgumentParser
import TestSupport

/// Compares the most memory of the service for a file with that for one eight times as long; fails where it grows.
struct FlatMemoryBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flat-memory",
        abstract: "The most memory of exports and imports of every format, and of eight times as long ones.")

    /// One kind of file, and what writes or reads it in a process of its own.
    private struct Work {
        let name: String
        let format: String
        let arguments: [String]

        /// The most memory of the service for so many rows.
        func mebibytes(_ rows: Int) throws -> Int {
            let figures = try ChildFigures.run(arguments + ["\(rows)"])
            guard figures.count > 1, let mebibytes = Int(figures[1]) else {
                throw ValidationError("\(name) printed \(figures)")
            }
            return mebibytes
        }
    }

    @Option(help: "Rows of the shorter files.")
    var rows = 50_000

    @Option(help: "How much memory the longer one may take, in hundredths of the shorter one's.")
    var most = 150

    @Option(help: "Only files of this format, such as xlsx or camt053; all when none is named.")
    var format: String?

    func run() async throws {
        let exports = ["csv", "txt", "xml", "xlsx"].map { format in
            Work(
                name: "export as \(format)", format: format, arguments: ["export-for-benchmark", format, "--rows"])
        }
        let imports = LargeFile.Kind.allCases.map(\.rawValue).map { format in
            Work(
                name: "import of \(format)", format: format, arguments: ["import-for-benchmark", format, "--lines"])
        }
        var grown: [String] = []
        let formats = try chosen(format, of: (exports + imports).map(\.format))
        for work in exports + imports where formats.contains(work.format) {
            let (short, long) = (try work.mebibytes(rows), try work.mebibytes(8 * rows))
            say("\(work.name): \(short) MiB for \(rows) rows, \(long) MiB for \(8 * rows)")
            if 100 * long > most * short { grown.append(work.name) }
        }
        guard grown.isEmpty else {
            say("memory grows with the file: \(grown.joined(separator: ", "))")
            throw ExitCode.failure
        }
    }
}
