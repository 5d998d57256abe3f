import Dispatch
import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite struct `Opening a connection to PostgreSQL` {
    @Test func `by a name nobody answers for holds no place longer than the connect time-out`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let lookUps = Counted()
        let address = try await PrivatePostgres.shared().database().host
        try await withFreshDatabase({ settings in
            settings.host = "nobody-answers.test"
            settings.connectTimeout = .milliseconds(200)
            settings.connections = 1
            settings.lookUp = { _ in
                lookUps.count()
                gate.wait()
                return [address]
            }
        }) { pool in
            for _ in 0..<3 {
                #expect(try await pool.failure { try $0.execute("SELECT 1") }?.kind == .connection)
            }
            #expect(lookUps.sum == 1, "one thread waits for the name server, whoever comes back")
            for _ in 0..<100 { gate.signal() }
            try await waitUntil("the name is found") { (try? await pool.number("SELECT 1")) == 1 }
        }
    }

    @Test func `by a name goes to its address, and without one says so`() async throws {
        let address = try await PrivatePostgres.shared().database().host
        try await withFreshDatabase({ settings in
            settings.host = "database.test"
            settings.lookUp = { _ in [address] }
        }) { pool in
            #expect(try await pool.number("SELECT 1") == 1)
            var nowhere = pool.settings
            nowhere.lookUp = { _ in [] }
            try await withPool(nowhere) { lost in
                let failure = try await lost.failure { try $0.execute("SELECT 1") }
                #expect(failure?.kind == .connection && failure?.message.contains("no address") == true)
            }
        }
    }

    @Test(arguments: ["nobody-answers.test,database.test", "database.test,nobody-answers.test"])
    func `by several names uses the one that is answered for`(host: String) async throws {
        let gate = DispatchSemaphore(value: 0)
        defer { for _ in 0..<100 { gate.signal() } }
        let address = try await PrivatePostgres.shared().database().host
        try await withFreshDatabase({ settings in
            settings.host = host
            settings.connectTimeout = .seconds(3)
            settings.lookUp = { name in
                if name == "nobody-answers.test" { gate.wait() }
                return [address]
            }
        }) { pool in
            let answer = try await pool.number("SELECT 1")
            #expect(answer == 1)
        }
    }

    @Test func `of a server that takes no writes waits for one that does, as during a failover`() async throws {
        try await withFreshDatabase { admin in
            let database = admin.settings.database
            try await admin.execute("ALTER DATABASE \(unescaped: database) SET default_transaction_read_only = on")
            try await withPool(admin.settings) { pool in
                #expect(try await pool.failure { try $0.execute("SELECT 1") }?.kind == .connection)
                try await admin.execute("ALTER DATABASE \(unescaped: database) RESET default_transaction_read_only")
                #expect(try await pool.number("SELECT 1") == 1)
            }
        }
    }

    @Test func `is not needed after a transaction that failed with a full statement cache`() async throws {
        try await withFreshDatabase({ settings in
            settings.connections = 1
            settings.preparedStatementsMax = 1
        }) { pool in
            let before = try await pool.number("SELECT pg_backend_pid()")
            #expect(try await pool.failure { try $0.execute("SELECT 1 / 0") } != nil)
            #expect(try await pool.number("SELECT pg_backend_pid()") == before)
        }
    }
}

/// Counts what happens on other threads.
private final class Counted: Sendable {
    private let number = Atomic(0)

    var sum: Int { number.load(ordering: .relaxed) }

    func count() { number.add(1, ordering: .relaxed) }
}
