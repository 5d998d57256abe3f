import ArgumentParser
import Foundation
import HTTPServer
import PaymentModel
import PostgresClient
import Synchronization
import TestSupport

/// Compares taking in files of banks and providers with a bare parser of the same files.
struct StatementsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "statements",
        abstract: "Lines imported per second, beside a bare parser of the same file; and the most memory it took.")

    @Option(help: "Lines of each file.")
    var lines = 1_000_000

    @Option(help: "How often each pair is measured.")
    var turns = 1

    @Option(help: "One of \(LargeFile.Kind.allCases.map(\.rawValue).joined(separator: ", ")); all when none is named.")
    var format: String?

    func run() async throws {
        let (folder, lines) = (try TemporaryFolder(), lines)
        let formats = try chosen(format, of: LargeFile.Kind.allCases.map(\.rawValue))
        for kind in formats.compactMap(LargeFile.Kind.init(rawValue:)) {
            let path = "\(folder.path)/\(kind.rawValue)"
            try await Self.write(LargeFile(kind, lines: lines), to: path)
            let peak = PeakMemory()
            let comparison = Comparison(
                name: "import \(kind.rawValue), \(lines) lines", unit: "lines/s", peerName: "bare parser",
                peer: { try Self.parse(kind, path, lines) },
                ours: {
                    let figures = try ChildFigures.run(["import-for-benchmark", kind.rawValue, "--lines", "\(lines)"])
                    peak.note(Int(figures[1]) ?? 0)
                    return Double(figures[0]) ?? 0
                })
            try await comparison.run(turns: turns)
            say("    the most memory of the service: \(peak.mebibytes) MiB")
        }
    }

    private static func write(_ file: LargeFile, to path: String) async throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try await file.write { piece in try handle.write(contentsOf: Data(piece)) }
        try handle.close()
    }

    private static func parse(_ kind: LargeFile.Kind, _ path: String, _ lines: Int) throws -> Double {
        let script = "\(ExternalProcess.repository)Tests/Benchmarks/bare_parser.py"
        let figures = try ChildFigures.output(
            of: URL(fileURLWithPath: "/usr/bin/env"), ["python3", script, kind.rawValue, path, "\(lines)"])
        return Double(figures[0]) ?? 0
    }
}

/// The most of several runs.
final class PeakMemory: Sendable {
    private let most = Mutex(0)

    var mebibytes: Int { most.withLock { $0 } }

    func note(_ mebibytes: Int) { most.withLock { $0 = max($0, mebibytes) } }
}

/// One import into books of their own, in a process of its own; it prints lines per second and its peak memory.
struct ImportForBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import-for-benchmark", abstract: "The import that `statements` measures.", shouldDisplay: false)

    @Argument(help: "The kind of file.")
    var kind: String

    @Option(help: "Its lines.")
    var lines: Int

    func run() async throws {
        guard let kind = LargeFile.Kind(rawValue: kind) else { throw ValidationError("no such kind") }
        let file = LargeFile(kind, lines: lines)
        try await BooksForBenchmark.measure(lines) { books in
            try await layOut(books, for: file)
        } _: { books in
            let answer = try await books.http.call(
                IncomingRequest(
                    method: "POST", target: path(of: file), headers: try await books.headers(key: "benchmark"),
                    body: { _ in [] }, pieces: { take in try await file.write(take) }))
            guard answer.status == 201, answer.json["linesNew"]?.integer == Int64(lines) else {
                throw ValidationError(answer.text)
            }
        }
    }

    /// The account a file is about, and the payments a report is about.
    private func layOut(_ books: BooksForBenchmark, for file: LargeFile) async throws {
        try await books.superuser.execute(
            """
            INSERT INTO bank_account (organisation, iban, currency)
            VALUES (\(BooksForBenchmark.organisation), \(LargeFile.iban), 'EUR')
            """)
        if file.isReport {
            try await books.expect(0...lines - 1, of: file.kind.rawValue, acceptedOn: "date '2026-11-13'")
        }
        if file.kind == .csv { try await map(in: books) }
    }

    private func path(of file: LargeFile) -> String {
        file.isReport
            ? "/v1/settlement-reports?provider=\(file.kind.rawValue)"
            : "/v1/bank-statements\(file.kind == .csv ? "?mapping=bank" : "")"
    }

    private func map(in books: BooksForBenchmark) async throws {
        let mapping =
            #"{"iban":"\#(LargeFile.iban)","currency":"EUR","dayColumn":"Date","amountColumn":"Montant","#
            + #""textColumns":["Libelle"]}"#
        let saved = try await books.http.call(
            .put, "/v1/csv-mappings/bank", as: books.principal(), json: mapping)
        guard saved.status == 200 else { throw ValidationError(saved.text) }
    }
}
