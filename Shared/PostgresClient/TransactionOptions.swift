/// What a transaction may do and how it meets others.
package struct TransactionOptions: Sendable {
    /// Whether the transaction may write.
    package enum Access: Sendable { case readWrite, readOnly }

    /// How much of concurrent transactions this one may see.
    package enum Isolation: Sendable { case readCommitted, repeatableRead, serializable }

    /// Whether it may write.
    package var access: Access
    /// How much of others it sees.
    package var isolation: Isolation
    /// Settings of the server for this transaction alone; they travel with its first statement, without a round trip.
    package var settings: [(name: String, value: String)] = []
    /// How often the body runs at most when it meets other transactions.
    package var attemptsMax = 8
    /// A limit of its own for each statement of this transaction.
    package var statementTimeout: Duration?
    /// A limit of its own for the wait for a connection.
    package var poolWaitTimeout: Duration?
    /// Where it stands among those that wait for a connection.
    package var place = Place.last

    /// Whether work waits for a connection behind what waits already, or passes what is less urgent.
    package enum Place: Sendable { case first, last }

    /// Options without settings or limits of their own.
    package init(access: Access = .readWrite, isolation: Isolation = .readCommitted) {
        self.access = access
        self.isolation = isolation
    }

    /// Writes, each statement seeing what was committed before it.
    package static let readWrite = TransactionOptions()
    /// Reads only; its end costs no round trip.
    package static let readOnly = TransactionOptions(access: .readOnly)
    /// Writes as if alone; conflicts make the body run again.
    package static let serializable = TransactionOptions(isolation: .serializable)
    /// Reads one unchanging picture of the data.
    package static let snapshot = TransactionOptions(access: .readOnly, isolation: .repeatableRead)

    /// The same with a setting of the server for this transaction alone.
    package func setting(_ name: String, to value: String) -> TransactionOptions {
        var options = self
        options.settings.append((name, value))
        return options
    }

    /// The same with another place among those that wait for a connection.
    package func waiting(_ place: Place) -> TransactionOptions {
        var options = self
        options.place = place
        return options
    }

    var begin: SQL {
        switch (isolation, access) {
        case (.readCommitted, .readWrite): "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        case (.readCommitted, .readOnly): "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
        case (.repeatableRead, .readWrite): "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE"
        case (.repeatableRead, .readOnly): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        case (.serializable, .readWrite): "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE"
        case (.serializable, .readOnly): "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"
        }
    }
}
