/// Why a statement, a transaction or a connection failed; never carries a value of a statement.
package struct PostgresError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the caller can do about it, by case.
    package enum Kind: Sendable, Hashable {
        /// No connection, or it was lost before the commit was sent: nothing was stored.
        case connection
        /// The connection was lost while the commit was under way: it may or may not be stored.
        case commitUnknown
        /// The pool was busy for longer than a caller may wait: nothing was sent.
        case poolExhausted
        /// The pool or session is closed: nothing was sent.
        case closed
        /// A statement ran into its time limit: the transaction was rolled back.
        case timeout
        /// The caller's task was cancelled: the transaction was rolled back.
        case cancelled
        /// The server refused.
        case server(SQLState)
        /// An answer did not have the shape that was asked for.
        case decoding
        /// The client was used wrongly, for example with a text that contains a zero byte.
        case usage
    }

    /// What the caller can do about it.
    package let kind: Kind
    /// What happened, in words; the server's own where it spoke, without values.
    package let message: String
    /// The server's five-letter code, where the server spoke.
    package var sqlState: SQLState?
    /// The constraint that refused, where there was one.
    package var constraint: String?
    /// The table it concerns, where the server says so.
    package var table: String?
    /// The column it concerns, where the server says so.
    package var column: String?
    /// Whether there was no connection to begin with.
    var hasNotBegun = false
    /// Which function of the server spoke; the only mark of a stale plan that does not depend on its language.
    var routine: String?

    /// An error of ours; those of the server carry more.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
        if case .server(let state) = kind { sqlState = state }
    }

    /// True when the named constraint or index saw a value twice.
    package func isUniqueViolation(of constraint: String) -> Bool {
        sqlState == .uniqueViolation && self.constraint == constraint
    }

    /// True when the named foreign key points at nothing, or is still pointed at.
    package func isForeignKeyViolation(of constraint: String) -> Bool {
        sqlState == .foreignKeyViolation && self.constraint == constraint
    }

    /// True when the named check refused.
    package func isCheckViolation(of constraint: String) -> Bool {
        sqlState == .checkViolation && self.constraint == constraint
    }

    /// True when there was a connection and it ended under the transaction.
    package var lostConnection: Bool { (kind == .connection || kind == .commitUnknown) && !hasNotBegun }

    /// True when trying again later may succeed without any change: nothing was stored.
    package var isTransient: Bool {
        switch kind {
        case .connection, .poolExhausted, .timeout: true
        case .server(let state): state.isTransactionConflict || state.isUnavailable
        case .commitUnknown, .closed, .cancelled, .decoding, .usage: false
        }
    }

    /// The code, the message, and what they concern.
    package var description: String {
        let subject = [constraint, table, column].compactMap { $0 }.joined(separator: ", ")
        let code = sqlState.map { " \($0.rawValue)" } ?? ""
        return "postgres\(code): \(message)" + (subject.isEmpty ? "" : " (\(subject))")
    }
}

/// A code of the SQL standard, as the server sends it.
package struct SQLState: RawRepresentable, Hashable, Sendable {
    /// Five letters and digits.
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let uniqueViolation = SQLState(rawValue: "23505")
    package static let foreignKeyViolation = SQLState(rawValue: "23503")
    package static let checkViolation = SQLState(rawValue: "23514")
    package static let notNullViolation = SQLState(rawValue: "23502")
    package static let exclusionViolation = SQLState(rawValue: "23P01")
    package static let serializationFailure = SQLState(rawValue: "40001")
    package static let deadlockDetected = SQLState(rawValue: "40P01")
    package static let queryCanceled = SQLState(rawValue: "57014")
    package static let lockNotAvailable = SQLState(rawValue: "55P03")
    package static let insufficientPrivilege = SQLState(rawValue: "42501")
    package static let undefinedTable = SQLState(rawValue: "42P01")
    package static let readOnlyTransaction = SQLState(rawValue: "25006")
    package static let invalidStatementName = SQLState(rawValue: "26000")
    package static let featureNotSupported = SQLState(rawValue: "0A000")

    /// Two transactions met; one of them has to run again.
    package var isTransactionConflict: Bool { self == .serializationFailure || self == .deadlockDetected }

    /// The server is going down, coming up or full.
    package var isUnavailable: Bool { rawValue.hasPrefix("57P") || rawValue.hasPrefix("53") || isConnectionLoss }

    /// The code says that the connection is gone.
    var isConnectionLoss: Bool { rawValue.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05"].contains(rawValue) }

    /// Data exceptions quote the value itself in their message.
    var quotesValues: Bool { rawValue.hasPrefix("22") }
}
