import ArgumentParser

/// Every benchmark prints its figure as a share of a ceiling measured in the same run.
@main struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks", abstract: "How fast, as a share of what is possible.",
        subcommands: [
            HTTPBenchmark.self, ServerBenchmark.self, ServeForBenchmark.self, PostgresBenchmark.self,
            KafkaBenchmark.self, RelayBenchmark.self, SpineBenchmark.self, MatchingBenchmark.self,
            WorkersBenchmark.self, WorkerBenchmark.self, UrgentBenchmark.self, RemindersBenchmark.self,
            PaymentsBenchmark.self, InvoicingBenchmark.self, StatementsBenchmark.self, ImportForBenchmark.self,
            ExportsBenchmark.self, ExportForBenchmark.self, LedgerBenchmark.self, IdleBenchmark.self,
            ReconcileBenchmark.self, ReconcileForBenchmark.self, FlatMemoryBenchmark.self,
        ])
}
