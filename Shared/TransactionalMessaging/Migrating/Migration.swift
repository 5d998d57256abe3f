/// One step of a schema, embedded in the program; forward only.
package struct Migration: Sendable, Hashable {
    /// Its file's name without the ending, such as `0001-tables`; the order of the names is the order of the steps.
    package let name: String
    /// The SQL, any number of statements; it runs as one transaction.
    package let sql: String

    /// Names a step.
    package init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }

    /// Names a step whose SQL was embedded as bytes.
    package init(_ name: String, _ bytes: [UInt8]) {
        self.init(name, String(decoding: bytes, as: UTF8.self))
    }
}

extension Migration {
    /// The tables of the inbox, the outbox and the dead letters.
    static let messaging = [
        Migration("0001-messaging", PackageResources._001_messaging_sql),
        Migration("0002-retention", PackageResources._002_retention_sql),
        Migration("0003-stricter", PackageResources._003_stricter_sql),
    ]
}
