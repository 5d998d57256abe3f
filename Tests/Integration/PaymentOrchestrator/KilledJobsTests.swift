import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import PaymentOrchestratorService
import PostgresClient
import TestSupport
import Testing
import TransactionalMessaging

/// The process is killed with `kill -9` at random points of what its jobs do by themselves.
@Suite(.serialized) struct `A payment service that is killed while its jobs look around` {
    static let seed: UInt64 = 20_261_126

    @Test func `PAY-14: finds every dispute that nobody told of, and tells of each once`() async throws {
        let payments = try await MortalPayments.start { _ in ["QUITTANCE_DISPUTES_EVERY": "1s"] }
        // Each question takes a while, so that most deaths come between two of them.
        for operation in ["stripe.list-disputes", "stripe.get-intent", "paypal.list-disputes", "paypal.get-dispute"] {
            try await payments.stack.fault(
                #"{"operation":"\#(operation)","kind":"slow","milliseconds":250,"times":0}"#)
        }
        var random = SeededGenerator(seed: Self.seed)
        let stories = MortalPayments.stories.filter { $0.provider != .alma }
        var (disputed, interrupted) = ([MortalPayments.Asked](), 0)
        // As many as it takes until one of them dies in the middle.
        for round in 0..<40 where round < 8 || interrupted == 0 {
            let asked = try await payments.accepted(stories[round % stories.count])
            try await payments.act("dispute", on: asked)
            disputed.append(asked)
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...1_500, using: &random)))
            try await payments.die()
            if try await payments.unfinishedLooks() > 0 { interrupted += 1 }
            try await payments.live()
        }
        #expect(interrupted > 0, "seed \(Self.seed): nothing was interrupted")
        for asked in disputed {
            try await waitUntil("the dispute of \(asked.id) is known, seed \(Self.seed)", within: .seconds(60)) {
                try await payments.view(asked)["disputes"]?.elements?.first?["state"]?.text == "open"
            }
        }
        // One more life looks at all of them again.
        try await payments.die()
        let last = try await payments.lastLook()
        try await payments.live()
        try await waitUntil("every account was looked at", within: .seconds(60)) {
            try await payments.notLooked(since: last) == 0
        }
        for asked in disputed {
            #expect(try await payments.told("dispute-opened", of: asked) == 1, "\(asked.id), seed \(Self.seed)")
            #expect(try await payments.view(asked)["disputes"]?.elements?.count == 1)
        }
    }

    @Test func `REC-3: tells of every account since when it takes payments, once`() async throws {
        let payments = try await MortalPayments.start()
        var random = SeededGenerator(seed: Self.seed)
        var interrupted = 0
        for round in 0..<30 where round < 6 || interrupted == 0 {
            try await payments.die()
            let left = try await payments.addUntold(40)
            try await payments.live()
            let enough = Int64.random(in: 0...30, using: &random)
            try await waitUntil("it begins to tell", within: .seconds(90)) {
                try await payments.untold() <= left - enough
            }
            try await payments.die()
            if (1..<left).contains(try await payments.untold()) { interrupted += 1 }
        }
        #expect(interrupted > 0, "seed \(Self.seed): nothing was interrupted")
        // A run tells of fifty, and a life begins with one.
        var left = try await payments.untold()
        while left > 0 {
            try await payments.live()
            try await waitUntil("it tells of the rest", within: .seconds(90)) {
                try await payments.untold() <= max(0, left - 50)
            }
            try await payments.die()
            left = try await payments.untold()
        }
        #expect(try await payments.toldNotOnce() == 0, "seed \(Self.seed)")
    }
}

extension MortalPayments {
    func act(_ action: String, on asked: Asked) async throws {
        let reference = try await reference(asked) ?? ""
        try await stack.sandbox.control(
            .post, "/\(asked.story.provider.rawValue)/payments/\(reference)/act", "{\"action\":\"\(action)\"}")
    }

    /// How many accounts were asked about disputes without being read to the end.
    fileprivate func unfinishedLooks() async throws -> Int64 {
        try await number(
            """
            SELECT count(*) AS number FROM provider_account
            WHERE disputes_asked_at > coalesce(disputes_known_until, '-infinity')
            """)
    }

    /// When an account was last asked about disputes, in microseconds.
    fileprivate func lastLook() async throws -> Int64 {
        try await number(
            """
            SELECT (extract(epoch FROM max(disputes_asked_at)) * 1000000)::bigint AS number FROM provider_account
            """)
    }

    /// How many accounts were not read to the end by a look that began after another.
    fileprivate func notLooked(since last: Int64) async throws -> Int64 {
        try await number(
            """
            SELECT count(*) AS number FROM provider_account
            WHERE disputes_known_until IS NULL
                OR (extract(epoch FROM disputes_known_until) * 1000000)::bigint <= \(last)
            """)
    }

    /// How many accounts there are of which nobody said since when they take payments.
    fileprivate func untold() async throws -> Int64 {
        try await number("SELECT count(*) AS number FROM provider_account WHERE NOT is_since_told")
    }

    /// Of those that were added, how many were told of not once, or without a day.
    fileprivate func toldNotOnce() async throws -> Int64 {
        try await number(
            """
            SELECT count(*) AS number FROM provider_account
            WHERE retired_at IS NOT NULL AND 1 <> (
                SELECT count(*) FROM (SELECT type, subject, value FROM outbox
                    UNION ALL SELECT type, subject, value FROM outbox_journal) AS told
                WHERE told.subject = provider_account.id AND type LIKE '%.provider-account-connected.%'
                    AND convert_from(value, 'UTF8') LIKE '%"since":"%')
            """)
    }

    /// Accounts from before anybody asked since when; answers how many are to be told of.
    fileprivate func addUntold(_ count: Int) async throws -> Int64 {
        _ = try await database.pool.transaction(.readWrite.setting("quittance.organisation", to: "every")) {
            transaction in
            try transaction.execute(
                """
                INSERT INTO provider_account (id, organisation, clinic, provider, sealed_key, sealed_with, contract,
                    payout_offset_days, fee_vat_rate, offered_plans, link_lifetime_hours, connected_at, version,
                    retired_at, disputes_asked_at, refunds_asked_at)
                SELECT gen_random_uuid(), organisation, gen_random_uuid(), provider, sealed_key, sealed_with, contract,
                    payout_offset_days, fee_vat_rate, offered_plans, link_lifetime_hours, connected_at, version,
                    connected_at, now(), now()
                FROM provider_account, generate_series(1, \(count))
                WHERE provider = 'alma' AND retired_at IS NULL
                """)
        }
        return try await untold()
    }

    private func number(_ query: SQL) async throws -> Int64 {
        try await database.read(organisation: nil) { transaction in
            try transaction.one(query) { row in try row("number") }
        }
    }
}
