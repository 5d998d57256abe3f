import ArgumentParser
import PaymentModel
import PostgresClient
import TransactionalMessaging

struct DoctorCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor", abstract: "Check every invariant on live data and name what breaks it.",
            discussion: "It only reads. It ends with 1 when anything is broken.")
    }

    /// How many breaches of one invariant are named.
    private static var namedMax: Int64 { 20 }

    func run() async throws {
        let process = try ServiceProcess<Service>.prepare()
        var isWell = true
        for invariant in Service.invariants {
            let broken = try await process.database.read(organisation: nil) { transaction in
                try transaction.query(
                    """
                    SELECT organisation::text, breach::text FROM (\(invariant.breaches)) AS broken
                    ORDER BY organisation, breach LIMIT \(Self.namedMax)
                    """
                ) { row in "\(try row("organisation") as String): \(try row("breach") as String)" }
            }
            print("\(broken.isEmpty ? "holds " : "BROKEN") \(invariant.name)")
            for breach in broken { print("       \(breach)") }
            isWell = isWell && broken.isEmpty
        }
        await process.pool.close()
        if !isWell { throw ExitCode(1) }
    }
}
