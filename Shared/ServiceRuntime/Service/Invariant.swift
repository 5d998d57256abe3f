package import PostgresClient

/// Something that must always hold in a service's schema, looked for on live data by `doctor`.
package struct Invariant: Sendable {
    /// What must hold, as a sentence.
    package let name: String

    /// The rows that break it: `organisation` and a text `breach` that names what it is.
    package let breaches: SQL

    /// An invariant with the statement that finds its breaches.
    package init(_ name: String, breaches: SQL) {
        self.name = name
        self.breaches = breaches
    }
}
