import EventContract
import PaymentModel
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

@Suite struct `A change of state` {
    private func request(_ key: String, body: String = "a", organisation: UInt128 = 1) -> Cause {
        Cause(
            .request(key: key, fingerprint: Array(body.utf8)), organisation: OrganisationID(organisation),
            actor: "tests", correlation: CorrelationID(1))
    }

    @Test func `C-08 is made once and gives its first answer to every repetition`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            let first = try await database.change(because: request("key")) { change in
                try Probe.note(Probe.subject(0), in: &change)
            }
            let second = try await database.change(because: request("key")) { change in
                try Probe.note(Probe.subject(0), in: &change)
            }
            #expect(first == Applied(answer: 1, replayed: false))
            #expect(second == Applied(answer: 1, replayed: true))
            #expect(try await fixture.count("outbox") == 1)
        }
    }

    @Test func `C-07 refuses the same key with another request, and keeps organisations apart`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            _ = try await database.change(because: request("key")) { _ in 1 }
            await #expect(throws: CauseConflict(key: "key")) {
                try await database.change(because: request("key", body: "b")) { _ in 2 }
            }
            let other = try await database.change(because: request("key", body: "b", organisation: 2)) { _ in 3 }
            #expect(other == Applied(answer: 3, replayed: false))
        }
    }

    @Test func `C-07 is answered again before anything outside is asked`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            #expect(try await database.answer(to: request("key"), as: Int.self) == nil)
            _ = try await database.change(because: request("key")) { _ in 7 }
            #expect(try await database.answer(to: request("key"), as: Int.self) == 7)
            await #expect(throws: CauseConflict(key: "key")) {
                try await database.answer(to: request("key", body: "b"), as: Int.self)
            }
        }
    }

    @Test func `has as many steps as its cause needs, each made once`() async throws {
        try await MessagingFixture.with { fixture in
            let cause = request("key")
            let ids = IdentifierSource.random
            let (first, second) = (cause.step("ask", ids), cause.step("ask", ids))
            for step in [first, second, first] {
                try await fixture.database.change(because: step) { change in
                    try Probe.note(Probe.subject(0), in: &change)
                }
            }
            #expect(try await fixture.count("written") == 2)
            #expect(first.correlation == cause.correlation && first.organisation == cause.organisation)
        }
    }

    @Test func `gives a step that is repeated its first answer, also at the same moment`() async throws {
        try await MessagingFixture.with { fixture in
            let (database, step) = (fixture.database, request("key").step("ask", IdentifierSource.random))
            let answers = try await withThrowingTaskGroup { tasks in
                for number in 1...8 {
                    tasks.addTask {
                        try await database.change(because: step) { change in
                            try Probe.note(Probe.subject(0), in: &change)
                            return number
                        }
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.answer)).count == 1)
            #expect(answers.filter { !$0.replayed }.count == 1)
            let empty = try await database.change(because: step) { _ in 0 }
            #expect(empty == Applied(answer: answers[0].answer, replayed: true))
            #expect(try await fixture.count("written") == 1)
        }
    }

    @Test func `is made once when many ask at the same moment`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            let answers = try await withThrowingTaskGroup { tasks in
                for _ in 0..<16 {
                    tasks.addTask {
                        try await database.change(because: request("key")) { change in
                            try Probe.note(Probe.subject(0), in: &change)
                        }
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { !$0.replayed }.count == 1)
            #expect(answers.allSatisfy { $0.answer == 1 })
            #expect(try await fixture.count("written") == 1)
            #expect(try await fixture.count("outbox") == 1)
        }
    }

    @Test func `leaves no trace when its body throws, and can be tried again`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            await #expect(throws: Probe.Poisoned.self) {
                try await database.change(because: request("key")) { change in
                    try Probe.note(Probe.subject(0), in: &change)
                    throw Probe.Poisoned(number: 1)
                }
            }
            #expect(try await fixture.count("written") == 0)
            #expect(try await fixture.count("outbox") == 0)
            #expect(try await fixture.count("cause") == 0)
            let again = try await database.change(because: request("key")) { _ in "done" }
            #expect(again == Applied(answer: "done", replayed: false))
        }
    }

    @Test func `EVT-2, C-16 numbers an aggregate's events without gaps, in the order of their commits`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            try await withThrowingTaskGroup { tasks in
                for writer in 0..<8 {
                    tasks.addTask {
                        for run in 0..<20 {
                            // Two subjects in either order: sorted locks keep the writers from waiting in a ring.
                            let subjects = [run % 4, (run + writer) % 4]
                            try await database.change(because: Probe.cause(run: "\(writer)-\(run)")) { change in
                                for subject in subjects { try Probe.note(Probe.subject(subject), in: &change) }
                            }
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let broken = try await database.pool.query(
                """
                SELECT count(*) AS broken FROM (
                    SELECT sequence, row_number() OVER (PARTITION BY subject ORDER BY position) AS expected,
                        headers[array_position(headers, 'ce_sequence') + 1]::bigint AS told,
                        (convert_from(value, 'UTF8')::jsonb ->> 'number')::bigint AS number
                    FROM outbox
                ) AS row WHERE sequence <> expected OR told <> expected OR number <> expected
                """
            ) { row in try row("broken") as Int }
            #expect(broken == [0])
            #expect(try await fixture.count("outbox") == 320)
        }
    }

    @Test func `shows only rows of the organisation it is for`() async throws {
        try await MessagingFixture.with { fixture in
            try await fixture.execute([
                "CREATE TABLE fenced (organisation uuid NOT NULL)", "SELECT fence_by_organisation('fenced')",
            ])
            let database = try await fixture.asServiceRole().database
            for organisation in [1, 2] as [UInt128] {
                _ = try await database.change(because: request("key", organisation: organisation)) { change in
                    try change.execute("INSERT INTO fenced (organisation) VALUES (\(OrganisationID(organisation)))")
                }
            }
            await #expect(throws: PostgresError.self, "another organisation's row cannot be written") {
                try await database.change(because: request("other")) { change in
                    try change.execute("INSERT INTO fenced (organisation) VALUES (\(OrganisationID(2)))")
                }
            }
            #expect(try await seen(by: OrganisationID(1), in: database) == 1)
            #expect(try await seen(by: nil, in: database) == 2)
            let unset = try await database.pool.query("SELECT count(*) AS count FROM fenced") { row in
                try row("count") as Int
            }
            #expect(unset == [0], "without the setting nothing is seen")
        }
    }

    @Test func `wakes no relay where what it announces may wait, which is published all the same`() async throws {
        try await MessagingFixture.with { fixture in
            let database = fixture.database
            var rings = database.pool.notifications("outbox_probe").makeAsyncIterator()
            #expect(await rings.next() == "", "somebody listens")
            try await database.change(because: request("waits")) { change in
                change.letAnnouncementsWait()
                for number in 0..<20 { try Probe.note(Probe.subject(number), in: &change) }
            }
            try await database.change(because: request("hurries")) { change in
                try Probe.note(Probe.subject(20), in: &change)
            }
            let ring = try #require(await rings.next())
            #expect(Int(ring) != nil, "the first ring is for the one shard of the other change: \(ring)")
            try await fixture.running(fixture.relay()) { try await fixture.expectPublished() }
            #expect(try await fixture.count("outbox_journal") == 21)
        }
    }

    private func seen(by organisation: OrganisationID?, in database: Database) async throws -> Int {
        try await database.read(organisation: organisation) { transaction in
            try transaction.one("SELECT count(*) AS count FROM fenced") { row in try row("count") }
        }
    }
}
