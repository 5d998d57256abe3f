package import TransactionalMessaging

/// One of the services, as its program needs to know it.
///
/// The conforming type is the service's table of contents: what it consumes, serves and runs.
package protocol QuittanceService: SendableMetatype {
    /// Name of the program, its logs and its Kafka client: `payment-orchestrator`.
    static var name: String { get }

    /// The PostgreSQL schema that is this service's alone.
    static var schema: String { get }

    /// The steps of that schema, in order.
    static var migrations: [Migration] { get }

    /// What can be set besides ``StandardSettings``.
    static var settings: [any DescribedSetting] { get }

    /// What must hold between its settings.
    static var settingRules: [SettingRule] { get }

    /// The port it listens on unless told otherwise.
    static var port: Int { get }

    /// What its processes may be for; all can serve, some have workers too.
    static var processRoles: [ProcessRole] { get }

    /// What must always hold in its schema.
    static var invariants: [Invariant] { get }

    /// What an operator can have proved about the service's data; nil when there is nothing of the kind.
    static var verification: Verification? { get }

    /// Puts the service together for one process; nothing runs before this has returned.
    static func assemble(_ context: ServiceContext) async throws -> Assembly
}

extension QuittanceService {
    /// A service without settings of its own.
    package static var settings: [any DescribedSetting] { [] }

    /// A service whose settings each stand alone.
    package static var settingRules: [SettingRule] { [] }

    /// A service whose schema nobody checks.
    package static var invariants: [Invariant] { [] }

    /// A service without a proof of its own.
    package static var verification: Verification? { nil }

    /// A service without workers.
    package static var processRoles: [ProcessRole] { [.serve] }
}

/// What one process of a service is for.
package enum ProcessRole: String, Sendable, CaseIterable {
    /// The API and everything that is not given to workers.
    case serve
    /// Work handed out by the dispatch topic; any number of them.
    case work
}
