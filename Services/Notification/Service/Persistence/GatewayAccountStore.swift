import NotificationDomain
import PaymentModel
import PostgresClient
import ServiceRuntime
import TransactionalMessaging

/// What all workers share about accounts at gateways: how fast they may be used, and whether they work.
struct GatewayAccountStore: Sendable {
    /// Messages per second each account may be given.
    let rates: GatewayRates
    /// Calls in a row that fail before a gateway is left alone, and for how long it is.
    let failuresMax: Int
    let rest: Duration

    /// What may be given to a gateway.
    struct Permit: Sendable {
        let messages: Int
        /// Where it was left alone and is tried with one: until when others wait for what becomes of that.
        var trialUntil: Instant?
    }

    /// How many of so many messages may be given to the gateway now.
    func permit(
        _ wanted: Int, for gateway: String, in transaction: inout PostgresTransaction
    ) throws -> Permit {
        guard wanted > 0, var account = try lock(gateway, in: &transaction) else { return Permit(messages: wanted) }
        let isLeftAlone = account.breaker.restsUntil != nil
        let rested = account.breaker.permit(wanted, at: account.now, rest: rest)
        // Nothing has changed of one that is left alone.
        guard rested > 0 else { return Permit(messages: 0) }
        let taken = account.bucket?.take(rested, at: account.now) ?? rested
        // The try after its rest waits for the rate, and for no further rest.
        if taken == 0, isLeftAlone { account.breaker.giveBack(at: account.now) }
        try save(account, of: gateway, in: &transaction)
        return Permit(messages: taken, trialUntil: isLeftAlone ? account.breaker.restsUntil : nil)
    }

    /// Gives back what there was no message for, also the one try of a gateway that rested.
    ///
    /// A permit of a gateway nobody doubted says nothing about its rest, nor does one that others waited for no longer:
    /// that rest began since, and is not over.
    func giveBack(
        _ tokens: Int, of permit: Permit, for gateway: String, in transaction: inout PostgresTransaction
    ) throws {
        guard tokens > 0, counts(permit, of: gateway), var account = try lock(gateway, in: &transaction) else { return }
        account.bucket?.giveBack(tokens)
        if let until = permit.trialUntil, until == account.breaker.restsUntil {
            account.breaker.giveBack(at: account.now)
        }
        try save(account, of: gateway, in: &transaction)
    }

    /// Whether somebody waits for what was permitted and is not used.
    func counts(_ permit: Permit, of gateway: String) -> Bool {
        permit.trialUntil != nil || rates.perSecond(of: gateway) != nil
    }

    /// Counts a call the gateway had no part of, or did not answer; true when it is left alone now.
    func fail(_ gateway: String, in change: inout Change) throws -> Bool {
        change.executeLater(
            "INSERT INTO gateway_account (gateway) VALUES (\(gateway)) ON CONFLICT (gateway) DO NOTHING")
        guard var account = try read(gateway, in: &change.transaction) else { return false }
        account.breaker.fail(at: account.now, failuresMax: failuresMax, rest: rest)
        try save(account, of: gateway, in: &change.transaction)
        return account.breaker.rests(at: account.now, rest: rest)
    }

    /// The gateway works; nothing is written where nobody doubted it.
    func succeed(_ gateway: String, in change: inout Change) throws {
        change.executeLater(
            """
            UPDATE gateway_account SET failures = 0, rests_until = NULL
            WHERE gateway = \(gateway) AND (failures > 0 OR rests_until IS NOT NULL)
            """)
    }

    /// Those that are left alone just now.
    ///
    /// By the clock that `permit` goes by: one whose try was given back in this transaction is none of them.
    func resting(in transaction: inout PostgresTransaction) throws -> Set<String> {
        Set(
            try transaction.query(
                "SELECT gateway FROM gateway_account WHERE \(isResting)"
            ) { row in try row("gateway") as String })
    }

    /// Until when this one is; nil: it is not.
    func resting(_ gateway: String) -> Query<Instant?> {
        .first(
            "SELECT rests_until FROM gateway_account WHERE gateway = \(gateway) AND \(isResting)"
        ) { row in try row("rests_until") }
    }

    /// As `Breaker.rests` has it.
    private var isResting: SQL {
        """
        rests_until > clock_timestamp()
            AND rests_until <= clock_timestamp() + \(rest.microseconds) * interval '1 microsecond'
        """
    }

    private struct Account {
        var bucket: TokenBucket?
        var breaker: Breaker
        let now: Instant
    }

    /// Nil when there is nothing to hold it by: no rate, and nobody doubts the gateway.
    private func lock(_ gateway: String, in transaction: inout PostgresTransaction) throws -> Account? {
        if rates.perSecond(of: gateway) != nil {
            transaction.executeLater(
                "INSERT INTO gateway_account (gateway) VALUES (\(gateway)) ON CONFLICT (gateway) DO NOTHING")
            return try read(gateway, in: &transaction)
        }
        let isDoubted = try transaction.first(
            "SELECT 1 AS one FROM gateway_account WHERE gateway = \(gateway) AND rests_until IS NOT NULL"
        ) { _ in true }
        return isDoubted == nil ? nil : try read(gateway, in: &transaction)
    }

    private func read(_ gateway: String, in transaction: inout PostgresTransaction) throws -> Account? {
        try transaction.first(
            """
            SELECT millionths, filled_at, failures, rests_until, clock_timestamp() AS now FROM gateway_account
            WHERE gateway = \(gateway) FOR UPDATE
            """
        ) { row in
            let (millionths, filledAt, failures): (Int64, Instant, Int32) = (
                try row("millionths"), try row("filled_at"), try row("failures")
            )
            return Account(
                bucket: rates.perSecond(of: gateway).map {
                    TokenBucket(perSecond: $0, millionths: millionths, filledAt: filledAt)
                },
                breaker: Breaker(failures: Int(failures), restsUntil: try row("rests_until")), now: try row("now"))
        }
    }

    private func save(_ account: Account, of gateway: String, in transaction: inout PostgresTransaction) throws {
        transaction.executeLater(
            """
            UPDATE gateway_account SET failures = \(Int32(account.breaker.failures)),
                rests_until = \(account.breaker.restsUntil),
                millionths = coalesce(\(account.bucket?.millionths), millionths),
                filled_at = coalesce(\(account.bucket?.filledAt), filled_at)
            WHERE gateway = \(gateway)
            """)
    }
}

extension Duration {
    /// Whole microseconds, as the database's clock counts.
    fileprivate var microseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
