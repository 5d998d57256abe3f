import NotificationDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// How an organisation sends.
struct SendingPolicy: Sendable {
    /// One more with every change; 0 where nobody has changed anything.
    var version: Int64 = 0
    /// Nil: the name of the settings.
    var sender: SenderName?
    /// Whether letters that double an SMS's bill are replaced.
    var transliterates = true
    /// Nil: the cost of SMS is not known, and not shown.
    var price: SMSPrice?
    /// The gateways for SMS, the one that is tried first in front; nil: as the settings say.
    var gateways: [String]?
    /// When marketing may be sent.
    var hours = MarketingHours.standard
    /// Which clients are written to about invoices, and how.
    var invoices = InvoiceMessages.none
    /// Below how many parts of SMS the organisation is told that few are left; nil: it is not.
    var quotaLowBelow: Int?
    /// Whether messages of the client's own business are refused too when no parts are left.
    var quotaLimitsAll = false
}

/// How each organisation sends; versions are only ever added (GEN-6).
struct PolicyStore {
    /// The standard policy where nobody has chosen another.
    func find(_ organisation: OrganisationID, in transaction: inout PostgresTransaction) throws -> SendingPolicy {
        try transaction.read(finding(organisation)) ?? SendingPolicy()
    }

    /// The gateways an organisation sends through, of those there are accounts at.
    func order(
        of organisation: OrganisationID, among all: [String], in transaction: inout PostgresTransaction
    ) throws -> [String] {
        GatewayOrder.own(try find(organisation, in: &transaction).gateways, of: all)
    }

    /// Organisations that send through none but these gateways, of those there are accounts at.
    func bound(
        to gateways: Set<String>, among all: [String], in transaction: inout PostgresTransaction
    ) throws -> [OrganisationID] {
        let chosen = try transaction.query(
            """
            SELECT organisation, gateways FROM (
                SELECT DISTINCT ON (organisation) organisation, gateways FROM sending_policy
                ORDER BY organisation, version DESC) AS latest
            WHERE gateways IS NOT NULL
            """
        ) { row in (organisation: try row("organisation") as OrganisationID, own: try row("gateways") as [String]) }
        return chosen.filter { gateways.isSuperset(of: GatewayOrder.own($0.own, of: all)) }.map(\.organisation)
    }

    /// Nil where nobody has chosen another than the standard one.
    func finding(_ organisation: OrganisationID) -> Query<SendingPolicy?> {
        .first(
            """
            SELECT version, sender, transliterates, price_per_thousand, currency, gateways,
                opens_minutes, closes_minutes, region, documents_by, deposit_requests_by, overdue_by, receipts_by,
                payment_ends_by, quota_low_below, quota_limits_all
            FROM sending_policy
            WHERE organisation = \(organisation) ORDER BY version DESC LIMIT 1
            """
        ) { row in
            let (sender, price): (String?, Int64?) = (try row("sender"), try row("price_per_thousand"))
            let currency: String? = try row("currency")
            return SendingPolicy(
                version: try row("version"), sender: sender.flatMap(SenderName.init),
                transliterates: try row("transliterates"),
                price: price.flatMap { price in
                    currency.flatMap(Currency.init).map { SMSPrice(perThousandParts: Money(price, $0)) }
                }, gateways: try row("gateways"), hours: try hours(row), invoices: try invoices(row),
                quotaLowBelow: try row("quota_low_below"), quotaLimitsAll: try row("quota_limits_all"))
        }
    }

    func add(_ policy: SendingPolicy, in change: inout Change) throws {
        let price = policy.price?.perThousandParts
        change.executeLater(
            """
            INSERT INTO sending_policy
                (organisation, version, sender, transliterates, price_per_thousand, currency, gateways, opens_minutes,
                    closes_minutes, region, documents_by, deposit_requests_by, overdue_by, receipts_by,
                    payment_ends_by, quota_low_below, quota_limits_all, changed_by)
            VALUES (\(change.cause.organisation), \(policy.version), \(policy.sender?.text), \(policy.transliterates),
                \(price?.minorUnits), \(price?.currency.code), \(policy.gateways),
                \(Int32(policy.hours.opensAt.minutes)), \(Int32(policy.hours.closesAt.minutes)),
                \(policy.hours.region.rawValue), \(policy.invoices.documents?.rawValue),
                \(policy.invoices.depositRequests?.rawValue), \(policy.invoices.overdue?.rawValue),
                \(policy.invoices.receipts?.rawValue), \(policy.invoices.paymentEnds?.rawValue),
                \(policy.quotaLowBelow), \(policy.quotaLimitsAll), \(change.cause.actor))
            """)
    }

    private func invoices(_ row: Row) throws -> InvoiceMessages {
        func channel(_ column: String) throws -> Channel? {
            let word: String? = try row(column)
            return word.flatMap(Channel.init(rawValue:))
        }
        return InvoiceMessages(
            documents: try channel("documents_by"), depositRequests: try channel("deposit_requests_by"),
            overdue: try channel("overdue_by"), receipts: try channel("receipts_by"),
            paymentEnds: try channel("payment_ends_by"))
    }

    private func hours(_ row: Row) throws -> MarketingHours {
        let (opens, closes, region): (Int32?, Int32?, String?) = (
            try row("opens_minutes"), try row("closes_minutes"), try row("region")
        )
        let standard = MarketingHours.standard
        return MarketingHours(
            opensAt: opens.flatMap { LocalTime(minutes: Int($0)) } ?? standard.opensAt,
            closesAt: closes.flatMap { LocalTime(minutes: Int($0)) } ?? standard.closesAt,
            region: region.flatMap(HolidayRegion.init(rawValue:)) ?? standard.region)
    }
}
