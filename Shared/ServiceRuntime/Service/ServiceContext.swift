package import Logging
package import PaymentModel
package import TransactionalMessaging

/// What a service is given to be put together from.
package struct ServiceContext: Sendable {
    /// The checked settings: the standard ones and the service's own.
    package let settings: Settings

    /// The service's schema.
    package let database: Database

    /// The clock.
    package let time: TimeSource

    /// Where ids come from.
    package let ids: IdentifierSource

    /// The service's logger.
    package let logger: Logger

    /// What this process is for.
    package let processRole: ProcessRole

    /// A context; tests make their own.
    package init(
        settings: Settings, database: Database, time: TimeSource, ids: IdentifierSource, logger: Logger,
        processRole: ProcessRole = .serve
    ) {
        self.settings = settings
        self.database = database
        self.time = time
        self.ids = ids
        self.logger = logger
        self.processRole = processRole
    }
}
