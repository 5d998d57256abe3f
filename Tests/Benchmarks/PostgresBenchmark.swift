import ArgumentParser

/// Compares the face of libpq with pgbench and psql on a private cluster whose commits reach the disk.
struct PostgresBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postgres", abstract: "The face of libpq beside pgbench and psql, in turns, on the same server.")

    @Option(help: "How long each measurement takes, in seconds.")
    var seconds = 3

    @Option(help: "How often each pair is measured.")
    var turns = 5

    @Option(help: "How many connections, several times.")
    var connections: [Int] = [1, 8, 32]

    @Option(help: "Rows of the table that is read, and of what is loaded.")
    var rows = 100_000

    func run() async throws {
        let comparisons = try await PostgresComparisons(time: .seconds(seconds), rows: rows)
        try await comparisons.run(connections: connections, turns: turns)
    }
}
