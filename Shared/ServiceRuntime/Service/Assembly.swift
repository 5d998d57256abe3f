package import HTTPServer
package import PaymentModel
package import TransactionalMessaging

/// Everything a process of a service runs.
package struct Assembly: Sendable {
    /// The description of the API, as `/openapi.json` serves it.
    package var openAPI: String

    /// The operations of the API.
    package var routes: [Route]

    /// What it does about events.
    package var consumers: [Consumer]

    /// What it does again and again.
    package var jobs: [Job]

    /// What it does all the time.
    package var background: [Background]

    /// What must be well before it takes requests, besides the database.
    package var checks: [HealthChecks.Check]

    /// What its own problems are in French.
    package var phrases: Phrasebook

    /// The problems its own errors mean for a caller.
    package var problems: RequestPipeline.ProblemMapping

    /// What is to be closed after everything has stopped, such as clients of others' APIs.
    package var closing: [@Sendable () async -> Void]

    /// A service put together.
    package init(
        openAPI: String, routes: [Route] = [], consumers: [Consumer] = [], jobs: [Job] = [],
        background: [Background] = [], checks: [HealthChecks.Check] = [], phrases: Phrasebook = .empty,
        problems: @escaping RequestPipeline.ProblemMapping = { _ in nil },
        closing: [@Sendable () async -> Void] = []
    ) {
        self.openAPI = openAPI
        self.routes = routes
        self.consumers = consumers
        self.jobs = jobs
        self.background = background
        self.checks = checks
        self.phrases = phrases
        self.problems = problems
        self.closing = closing
    }
}

/// Work that goes on as long as the process does, such as waiting for notifications of the database.
package struct Background: Sendable {
    /// Name in logs.
    package let name: String

    let run: @Sendable () async throws -> Void

    /// Work whose task is cancelled when the process stops; when it fails or returns it is started again after a wait.
    package init(_ name: String, run: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.run = run
    }
}
