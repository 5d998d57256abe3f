/// Where a database is, who we are there, and every limit we hold it to.
package struct PostgresSettings: Sendable {
    /// How the connection is protected on the wire.
    package enum TLSMode: Sendable, Equatable {
        case disable
        case prefer
        case verifyFull(rootCertificate: String)
    }

    /// A host name, an address, or the folder of a Unix socket when it begins with a slash.
    package var host: String
    /// Also part of the name of a Unix socket.
    package var port: Int
    /// The database, of which one connection sees no other.
    package var database: String
    /// The role, whose rights are ours.
    package var user: String
    /// Never appears in logs or errors.
    package var password: String?
    /// What the server shows for us in `pg_stat_activity`.
    package var applicationName: String
    /// The schemas in which names are looked up, such as that of the service.
    package var searchPath: String
    /// How many connections a pool opens at most; each has a thread of its own.
    package var connections: Int
    /// The longest an attempt to connect may take.
    package var connectTimeout: Duration
    /// The longest one statement may run on the server.
    package var statementTimeout: Duration
    /// The longest a caller waits for a connection of a busy pool.
    package var poolWaitTimeout: Duration = .seconds(5)
    /// How many callers may wait for a connection at once; the next is refused at once.
    package var poolWaitersMax = 10_000
    /// How long beyond the statement time-out we wait for a server that stays silent before we drop the connection.
    package var silenceGrace: Duration = .seconds(5)
    /// How many prepared statements each connection keeps.
    package var preparedStatementsMax = 256
    /// How the connection is protected on the wire.
    package var tls: TLSMode
    /// Finds the addresses of a name; it may block for long.
    package var lookUp: @Sendable (String) -> [String] = { NameLookup.system($0) }

    /// Settings with the defaults of a service on one machine.
    package init(
        host: String, port: Int = 5432, database: String, user: String, password: String? = nil,
        applicationName: String = "quittance", searchPath: String = "public", connections: Int = 8,
        connectTimeout: Duration = .seconds(5), statementTimeout: Duration = .seconds(30), tls: TLSMode = .prefer
    ) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
        self.applicationName = applicationName
        self.searchPath = searchPath
        self.connections = connections
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.tls = tls
    }
}

extension PostgresSettings {
    /// What libpq is told, by its own parameter names; addresses it is given it does not look up itself, which it would
    /// do outside of any time limit.
    func parameters(at places: [Place]) -> [(name: String, value: String)] {
        var list = [
            ("host", places.map(\.host).joined(separator: ",")),
            ("hostaddr", places.map(\.address).joined(separator: ",")), ("port", "\(port)"), ("dbname", database),
            ("user", user),
            ("application_name", applicationName), ("client_encoding", "UTF8"), ("options", startOptions),
            // Kerberos is never used here, and its probe costs a round trip per connection.
            ("gssencmode", "disable"),
            // A peer that vanished without a word is noticed while we wait, not hours later.
            ("keepalives_idle", "30"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            // During a failover a name can point at a standby: to us that server is not there yet.
            ("target_session_attrs", "read-write"),
        ]
        if let password { list.append(("password", password)) }
        switch tls {
        case .disable: list.append(("sslmode", "disable"))
        case .prefer: list.append(("sslmode", "prefer"))
        case .verifyFull(let rootCertificate):
            list += [("sslmode", "verify-full"), ("sslrootcert", rootCertificate)]
        }
        return list
    }

    private var startOptions: String {
        let settings = [
            "search_path=\(searchPath)", "statement_timeout=\(statementTimeout.milliseconds)", "TimeZone=UTC",
            "client_min_messages=warning",
            // It cannot know how rare a word is, or what row-level security leaves: it reckons with the worst, and
            // would compile plans for longer than they run.
            "jit=off",
        ]
        return settings.map { "-c \(Self.escapedOption($0))" }.joined(separator: " ")
    }

    /// The server splits the options at spaces unless they are escaped.
    private static func escapedOption(_ text: String) -> String {
        var escaped = ""
        for character in text {
            if character == " " || character == "\\" { escaped.append("\\") }
            escaped.append(character)
        }
        return escaped
    }
}

extension Duration {
    /// Whole milliseconds, rounded up so that a short limit never becomes none.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
