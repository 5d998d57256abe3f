import Observability
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient
import TransactionalMessaging

/// A clinic's account at a provider, as it is kept.
struct AccountRecord: Sendable, Hashable {
    /// Its name.
    let id: ProviderAccountID
    /// Whose it is.
    let organisation: OrganisationID
    /// The clinic it pays.
    let clinic: ClinicID
    /// Where it is.
    let provider: Provider
    /// The provider's key, sealed.
    var key: SealedText
    /// What the provider said when the key was last checked.
    var contract: ProviderContract
    /// What the clinic chose.
    var settings: AccountSettings
    /// When the key was last checked.
    var connectedAt: Instant
    /// Since when another merchant's account takes the clinic's new payments; `nil` while this one does.
    var retiredAt: Instant?
    /// Since when it works no longer; `nil` while it does.
    var failedAt: Instant?
    /// Why it works no longer, in the provider's words.
    var failure: String?
    /// The link by which the clinic brings the provider another one.
    var referral: ReferralLink?
    /// Counts its changes.
    var version: Int64
    /// Until when its provider has said which payments are disputed.
    var disputesKnownUntil: Instant?
    /// Until when it has said what was given back.
    var refundsKnownUntil: Instant?
    /// Its clinic's time zone; `nil` where it is the service's.
    var timeZone: String?

    /// What it takes to speak for the clinic.
    func access(_ sealer: Sealer) throws(Sealer.Failure) -> AccountAccess {
        AccountAccess(id: id, credentials: ProviderCredentials(text: try sealer.open(key, of: id)))
    }
}

/// What a clinic chooses for an account, PAY-2.
struct AccountSettings: Sendable, Hashable {
    /// Days from acceptance to the expected payout.
    var payoutOffsetDays: Int
    /// VAT on the provider's fees.
    var feeVATRate: BasisPoints
    /// The plans the clinic offers.
    var offeredPlans: [PaymentPlan]
    /// Those of them whose client's fee the clinic bears unless it is said otherwise.
    var freePlans: [PaymentPlan]
    /// How long a link works.
    var linkLifetimeHours: Int
}

/// The clinics' accounts at providers.
struct ProviderAccountStore: Sendable {
    /// An account as it is kept, with where its clinic is.
    static let columns: SQL = """
        provider_account.*, (
            SELECT time_zone FROM clinic
            WHERE clinic.organisation = provider_account.organisation AND clinic.id = provider_account.clinic
        ) AS time_zone
        """

    /// Keeps an account; of a clinic's at one provider one takes new payments, and each merchant has one.
    func save(_ account: AccountRecord, in change: inout Change) throws {
        change.executeLater(
            """
            INSERT INTO provider_account (id, organisation, clinic, provider, sealed_key, sealed_with, contract,
                payout_offset_days, fee_vat_rate, offered_plans, free_plans, link_lifetime_hours, connected_at,
                checked_at, retired_at, failed_at, failure, referral, version, is_since_told)
            VALUES (\(account.id), \(account.organisation), \(account.clinic), \(account.provider.rawValue),
                \(account.key.bytes), \(account.key.keyID), \(try PostgresJSON.of(account.contract)),
                \(account.settings.payoutOffsetDays), \(account.settings.feeVATRate.value),
                \(account.settings.offeredPlans.map(\.code)), \(account.settings.freePlans.map(\.code)),
                \(account.settings.linkLifetimeHours),
                \(account.connectedAt), \(account.connectedAt), \(account.retiredAt), \(account.failedAt),
                \(account.failure), \(try account.referral.map { try PostgresJSON.of($0) }), \(account.version), true)
            ON CONFLICT (id) DO UPDATE SET sealed_key = excluded.sealed_key, sealed_with = excluded.sealed_with,
                contract = excluded.contract, payout_offset_days = excluded.payout_offset_days,
                fee_vat_rate = excluded.fee_vat_rate, offered_plans = excluded.offered_plans,
                free_plans = excluded.free_plans,
                link_lifetime_hours = excluded.link_lifetime_hours, connected_at = excluded.connected_at,
                retired_at = excluded.retired_at, failed_at = excluded.failed_at, failure = excluded.failure,
                referral = excluded.referral, version = excluded.version
            """)
    }

    /// Locks an account for the rest of the transaction; `nil` when this organisation has none.
    func lock(_ id: ProviderAccountID, of organisation: OrganisationID, in change: inout Change) throws
        -> AccountRecord?
    {
        try change.first(
            """
            SELECT \(Self.columns) FROM provider_account
            WHERE id = \(id) AND organisation = \(organisation) FOR UPDATE
            """, account)
    }

    /// Reads an account; `nil` when this organisation has none.
    func find(
        _ id: ProviderAccountID, of organisation: OrganisationID, in transaction: inout PostgresTransaction
    ) throws -> AccountRecord? {
        try transaction.first(
            "SELECT \(Self.columns) FROM provider_account WHERE id = \(id) AND organisation = \(organisation)", account)
    }

    /// Reads an account whoever's it is, for a notification that names nothing else.
    func find(_ id: ProviderAccountID, in transaction: inout PostgresTransaction) throws -> AccountRecord? {
        try transaction.first("SELECT \(Self.columns) FROM provider_account WHERE id = \(id)", account)
    }

    /// The account of the payment that fits a condition.
    func finding(ofPayment condition: SQL) -> Query<AccountRecord?> {
        .first(
            "SELECT \(Self.columns) FROM provider_account WHERE id = (SELECT account FROM payment WHERE \(condition))",
            account)
    }

    /// Locks all accounts a clinic ever had at a provider, in the order they came.
    func lockAll(of clinic: ClinicID, at provider: Provider, in change: inout Change) throws -> [AccountRecord] {
        try change.query(
            """
            SELECT \(Self.columns) FROM provider_account
            WHERE organisation = \(change.cause.organisation) AND clinic = \(clinic)
                AND provider = \(provider.rawValue)
            ORDER BY id FOR UPDATE
            """, account)
    }

    /// Reads the account a clinic makes new payments with at a provider.
    func finding(of clinic: ClinicID, _ organisation: OrganisationID, at provider: Provider) -> Query<AccountRecord?> {
        .first(
            """
            SELECT \(Self.columns) FROM provider_account
            WHERE organisation = \(organisation) AND clinic = \(clinic) AND provider = \(provider.rawValue)
                AND retired_at IS NULL
            """, account)
    }

    /// Reads all accounts of an organisation.
    func all(of organisation: OrganisationID, in transaction: inout PostgresTransaction) throws
        -> [AccountRecord]
    {
        try transaction.query(
            "SELECT \(Self.columns) FROM provider_account WHERE organisation = \(organisation) ORDER BY id", account)
    }

    /// Takes accounts whose keys are to be tried: hourly, soon where suspected, each minute where one has failed or is
    /// not ready yet.
    func takeUnchecked(
        suspecting suspects: [ProviderAccountID], at now: Instant, in transaction: inout PostgresTransaction
    ) throws -> [AccountRecord] {
        try transaction.query(
            """
            UPDATE provider_account SET checked_at = \(now)
            WHERE id = ANY (ARRAY(
                SELECT id FROM provider_account
                WHERE retired_at IS NULL AND (checked_at <= \(now.adding(.seconds(-3_600)))
                    OR ((failed_at IS NOT NULL OR contract ->> 'canCreatePayments' = 'false')
                        AND checked_at <= \(now.adding(.seconds(-60))))
                    OR (id = ANY(\(suspects)) AND checked_at <= \(now.adding(.seconds(-10)))))
                ORDER BY checked_at LIMIT 50 FOR UPDATE SKIP LOCKED))
            RETURNING \(Self.columns)
            """, account)
    }

    /// The accounts that should take payments and do not work.
    func failed(in transaction: inout PostgresTransaction) throws -> [ProviderAccountID] {
        try transaction.query(
            "SELECT id FROM provider_account WHERE failed_at IS NOT NULL AND retired_at IS NULL ORDER BY id"
        ) { row in try row("id") }
    }

    func account(_ row: Row) throws -> AccountRecord {
        let (offered, free): ([String], [String]) = (try row("offered_plans"), try row("free_plans"))
        return AccountRecord(
            id: try row("id"), organisation: try row("organisation"), clinic: try row("clinic"),
            provider: try row.word("provider"),
            key: SealedText(bytes: try row("sealed_key"), keyID: try row("sealed_with")),
            contract: try row.json("contract"),
            settings: AccountSettings(
                payoutOffsetDays: try row("payout_offset_days"), feeVATRate: BasisPoints(try row("fee_vat_rate")),
                offeredPlans: offered.compactMap { PaymentPlan(code: $0) },
                freePlans: free.compactMap { PaymentPlan(code: $0) },
                linkLifetimeHours: try row("link_lifetime_hours")), connectedAt: try row("connected_at"),
            retiredAt: try row("retired_at"), failedAt: try row("failed_at"), failure: try row("failure"),
            referral: try row.optionalJSON("referral"),
            version: try row("version"), disputesKnownUntil: try row("disputes_known_until"),
            refundsKnownUntil: try row("refunds_known_until"), timeZone: try row("time_zone"))
    }
}
