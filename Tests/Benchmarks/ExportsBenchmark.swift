import ArgumentParser
import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import TestSupport

/// Compares writing a grid as a file with COPY of the same rows out of PostgreSQL.
struct ExportsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exports",
        abstract: "Rows exported per second in each format, beside COPY of the same rows; and the most memory it took.")

    @Option(help: "Rows of the grid.")
    var rows = 1_000_000

    @Option(help: "How often each pair is measured.")
    var turns = 1

    @Option(help: "One of csv, txt, xml, xlsx; all when none is named.")
    var format: String?

    func run() async throws {
        for format in try chosen(self.format, of: ["csv", "txt", "xml", "xlsx"]) {
            let figures = try await Self.measure(format, rows, turns)
            say("    the most memory of the service: \(figures) MiB; the aim is 150 at most")
        }
    }

    /// A process for each format, whose peak is that format's alone.
    private static func measure(_ format: String, _ rows: Int, _ turns: Int) async throws -> Int {
        let peak = PeakMemory()
        let comparison = Comparison(
            name: "export \(rows) rows as \(format)", unit: "rows/s", peerName: "COPY",
            peer: { try Self.child("copy", rows, peak) }, ours: { try Self.child(format, rows, peak) })
        try await comparison.run(turns: turns)
        return peak.mebibytes
    }

    private static func child(_ format: String, _ rows: Int, _ peak: PeakMemory) throws -> Double {
        let figures = try ChildFigures.run(["export-for-benchmark", format, "--rows", "\(rows)"])
        if format != "copy" { peak.note(Int(figures[1]) ?? 0) }
        return Double(figures[0]) ?? 0
    }
}

/// One export of books of their own, in a process of its own; it prints rows per second and its peak memory.
struct ExportForBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export-for-benchmark", abstract: "The export that `exports` measures.", shouldDisplay: false)

    @Argument(help: "The format, or copy.")
    var format: String

    @Option(help: "Rows of the grid.")
    var rows: Int

    func run() async throws {
        try await BooksForBenchmark.measure(rows) { books in
            try await books.expect(1...rows, of: "alma", acceptedOn: "date '2026-01-01' + (number % 300)::int")
        } _: { books in
            if format == "copy" { try await copy(books) } else { try await export(books) }
        }
    }

    private func export(_ books: BooksForBenchmark) async throws {
        var bytes = 0
        let status = try await books.http.read(
            "/v1/exports/grids/fees?from=2026-01-01&to=2026-12-31&format=\(format)", as: books.principal()
        ) { part in bytes += part.count }
        guard status == 200, bytes > rows * 20 else { throw ValidationError("\(status): \(bytes) bytes") }
    }

    private func copy(_ books: BooksForBenchmark) async throws {
        let settings = books.settings
        let psql = URL(fileURLWithPath: "/usr/bin/env")
        _ = try ChildFigures.output(
            of: psql,
            [
                "psql", "-qAt", "-h", settings.host, "-p", "\(settings.port)", "-U", "postgres", "-d",
                settings.database,
                "-c",
                "COPY (SELECT * FROM reconciliation.expectation ORDER BY accepted_on, payment) TO '/dev/null'",
            ])
    }
}
