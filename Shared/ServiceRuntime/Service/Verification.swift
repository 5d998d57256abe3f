/// A proof about a service's data that an operator can ask for on the command line.
package struct Verification: Sendable {
    /// What a proof found.
    package struct Outcome: Sendable {
        /// What is printed, one line each.
        package let lines: [String]
        /// Whether all of it is as it should be; the command's exit code says so too.
        package let holds: Bool

        /// What was found.
        package init(lines: [String], holds: Bool) {
            self.lines = lines
            self.holds = holds
        }
    }

    /// Name of the command.
    package let command: String
    /// What the command's help says.
    package let abstract: String
    /// Looks at the data of a service that nothing else of runs.
    package let run: @Sendable (ServiceContext) async throws -> Outcome

    /// A proof by its command.
    package init(
        command: String, abstract: String, _ run: @escaping @Sendable (ServiceContext) async throws -> Outcome
    ) {
        self.command = command
        self.abstract = abstract
        self.run = run
    }
}
