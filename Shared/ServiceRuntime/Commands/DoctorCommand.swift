import ArgumentParser
import PostgresClient

struct DoctorCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor", abstract: "Check every invariant on live data and name what breaks it.",
            discussion: "It only reads. It ends with 1 when anything is broken.", aliases: ["verify-books"])
    }

    /// How many breaches of one invariant are named.
    private static var namedMax: Int64 { 20 }

    func run() async throws {
        let process = try ServiceProcess<Service>.prepare()
        var isWell = true
        for invariant in Service.invariants {
            let broken = try await invariant.look(in: process.database, naming: Self.namedMax)
            print("\(broken.isEmpty ? "holds " : "BROKEN") \(invariant.name)")
            for breach in broken { print("       \(breach)") }
            isWell = isWell && broken.isEmpty
        }
        await process.pool.close()
        if !isWell { throw ExitCode(1) }
    }
}
