import ArgumentParser
import PostgresClient

struct VerificationCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Service.verification?.command, abstract: Service.verification?.abstract ?? "")
    }

    func run() async throws {
        guard let verification = Service.verification else { return }
        let process = try ServiceProcess<Service>.prepare()
        let outcome = try await verification.run(process.context(.serve))
        await process.pool.close()
        for line in outcome.lines { print(line) }
        if !outcome.holds { throw ExitCode.failure }
    }
}
