import ArgumentParser

/// The program of a service: the same commands for all of them.
package enum ServiceProgram<Service: QuittanceService> {
    /// Reads the command line and does what it says.
    package static func main() async { await RootCommand<Service>.main() }
}

struct RootCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        var commands: [any ParsableCommand.Type] = [ServeCommand<Service>.self]
        if Service.processRoles.contains(.work) { commands.append(WorkCommand<Service>.self) }
        commands += [
            MigrateCommand<Service>.self, CheckConfigurationCommand<Service>.self, DeadLettersCommand<Service>.self,
            ReplayCommand<Service>.self, MintTokenCommand<Service>.self,
        ]
        if !Service.invariants.isEmpty { commands.append(DoctorCommand<Service>.self) }
        if Service.verification != nil { commands.append(VerificationCommand<Service>.self) }
        return CommandConfiguration(
            commandName: Service.name, abstract: "The \(Service.name) service of Quittance.",
            discussion: "Settings come from the environment; check-configuration lists them.", subcommands: commands)
    }
}

struct ServeCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "serve", abstract: "Serve the API, consume events, run jobs.")
    }

    func run() async throws {
        try await Lifecycle(process: try ServiceProcess<Service>.prepare(), role: .serve).run()
    }
}

struct WorkCommand<Service: QuittanceService>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(commandName: "work", abstract: "Work on what the dispatch topic hands out.")
    }

    func run() async throws {
        try await Lifecycle(process: try ServiceProcess<Service>.prepare(), role: .work).run()
    }
}
