import ArgumentParser
import PostgresClient

struct DoctorCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "doctor", abstract: "Check every invariant on live data and name what breaks it.",
            discussion: """
                It only reads. It ends with 1 when anything is broken, else with 2 when something was not checked.
                """, aliases: ["verify-books"])
    }

    @Option(help: "Seconds that each invariant may take.")
    var secondsMax = 3_600

    func run() async throws {
        let process = try ServiceProcess<Service>.prepare()
        let doctor = Doctor(of: process.database, within: .seconds(secondsMax))
        var (isWell, isWhole) = (true, true)
        for invariant in Service.invariants {
            switch await doctor.look(for: invariant) {
            case .holds: print("holds  \(invariant.name)")
            case .broken(let breaches):
                print("BROKEN \(invariant.name)")
                for breach in breaches { print("       \(breach)") }
                isWell = false
            case .notChecked(let reason):
                print("not checked: \(invariant.name)")
                print("       \(reason)")
                isWhole = false
            }
        }
        await process.pool.close()
        if !isWell { throw ExitCode(1) }
        if !isWhole { throw ExitCode(2) }
    }
}
