import HTTPClient
package import PaymentModel
import PaymentOrchestratorDomain

/// PayPal's withdrawals, from the search of transactions: PayPal groups nothing, so a payout is what lies between two
/// withdrawals of one currency.
///
/// What stays in the account, and what was in it before, are lines of their own: with them every withdrawal sums up.
extension PayPalProvider {
    package func payouts(
        after place: String?, since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> [ProviderPayout] {
        var purses = try PayPalPurses(place)
        let (found, completeUntil) = try await transactions(since: purses.oldest ?? since, account)
        // PayPal lists in the order of time; within a second its own order counts.
        let rows = found.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element)
        var payouts: [ProviderPayout] = []
        var lines = 0
        for row in rows where row.at <= completeUntil {
            guard payouts.count < ProviderPayout.countMax, lines < ProviderPayout.linesMax else { break }
            guard let payout = try purses.take(row, account) else { continue }
            lines += payout.lines.count
            payouts.append(try payout.checked("PayPal"))
        }
        return payouts
    }

    /// What a refund or a reversal is of, the search says itself: one that brings money is a refund's.
    package func refunded(since: Instant, _ account: AccountAccess) async throws(OutcomeUnknown) -> [ListedRefund] {
        try await transactions(since: since, account).0.filter(\.isGivenBack).compactMap { row in
            row.origin.map { origin in
                ListedRefund(
                    reference: row.id,
                    subject: row.amount.isPositive ? .refund(origin) : .payment(row.reading(ofCapture: origin)))
            }
        }
    }

    /// All transactions from an instant on, and until when PayPal has them all.
    func transactions(
        since: Instant, _ account: AccountAccess
    ) async throws(OutcomeUnknown) -> ([PayPalTransaction], Instant) {
        let now = settings.time.now()
        var (found, start, completeUntil): ([PayPalTransaction], Instant, Instant) = ([], since, now)
        // PayPal is told whole seconds: of less than one there is nothing to ask.
        while start.secondsSince1970 < now.secondsSince1970 {
            let end = min(start.adding(settings.searchSpan), now)
            var (page, pages) = (1, 1)
            while page <= pages {
                guard page <= settings.reportPagesMax else {
                    throw OutcomeUnknown("PayPal's list is longer than was read")
                }
                let request = PayPalRequest.transactions(from: start, to: end, pageSize: settings.reportPageSize, page)
                guard let answer: PayPalResponse.Transactions = try await object(request, account) else {
                    throw OutcomeUnknown("PayPal has no search of transactions for this account")
                }
                for detail in answer.transaction_details ?? [] {
                    // What waits counts from its own time once it clears, so nothing after it is complete before.
                    if let waiting = PayPalTransaction.waits(detail.transaction_info) {
                        completeUntil = min(completeUntil, waiting.adding(.seconds(-1)))
                    }
                    if let row = try PayPalTransaction(detail.transaction_info) { found.append(row) }
                }
                if let refreshed = answer.last_refreshed_datetime.flatMap(PayPalTransaction.instant) {
                    completeUntil = min(completeUntil, refreshed)
                }
                pages = answer.total_pages ?? 1
                page += 1
            }
            start = end
        }
        // Where one search ends the next begins, so a transaction may be in both.
        var seen: Set<String> = []
        return (found.filter { seen.insert($0.reference).inserted }, completeUntil)
    }
}

/// A movement of the account that was not denied and does not wait.
struct PayPalTransaction: Sendable {
    let id: String
    let code: String
    let at: Instant
    let amount: Money
    /// What PayPal keeps of it.
    let fee: Money
    /// What the account has afterwards, where PayPal says so.
    let balance: Money?
    let payment: PaymentID?
    /// What it is about at PayPal.
    let about: String?
    /// The transaction it goes back to.
    let origin: String?

    /// A parent and its child may have one id; the event tells them apart.
    var reference: String { "\(id)/\(code)" }

    var isGivenBack: Bool { code == "T1107" || code == "T1106" }

    /// What went back of a capture is read by its own name too; what PayPal reversed of itself is no refund.
    func reading(ofCapture capture: String) -> String {
        code == "T1107" ? PayPalWebhook.refunded(capture, by: id) : PayPalWebhook.captured(capture)
    }

    var isWithdrawal: Bool { code.hasPrefix("T04") && amount.isNegative }

    init?(_ info: PayPalResponse.TransactionInfo) throws(OutcomeUnknown) {
        guard info.transaction_status != "D", info.transaction_status != "P" else { return nil }
        guard let at = info.transaction_initiation_date.flatMap(Self.instant) else {
            throw OutcomeUnknown("PayPal listed a transaction without its time")
        }
        (id, code, self.at) = (info.transaction_id, info.transaction_event_code ?? "", at)
        (amount, balance) = (info.transaction_amount.money, info.ending_balance?.money)
        let currency = info.transaction_amount.money.currency
        do throws(MoneyError) {
            fee = try info.fee_amount?.money.negated() ?? .zero(currency)
        } catch {
            throw OutcomeUnknown("a fee of PayPal's is no amount")
        }
        guard fee.currency == currency else { throw OutcomeUnknown("PayPal took a fee in another currency") }
        (payment, origin) = (info.invoice_id.flatMap { PaymentID($0) }, info.paypal_reference_id)
        about = info.invoice_id ?? info.paypal_reference_id ?? (code.hasPrefix("T00") ? info.transaction_id : nil)
    }

    /// From when on a transaction waits that may still be denied; nil when it does not wait.
    static func waits(_ info: PayPalResponse.TransactionInfo) -> Instant? {
        info.transaction_status == "P" ? info.transaction_initiation_date.flatMap(instant) : nil
    }

    /// RFC 3339, whose offset PayPal writes without a colon.
    static func instant(_ text: String) -> Instant? {
        if let instant = Instant(text) { return instant }
        return Instant("\(text.dropLast(2)):\(text.suffix(2))")
    }

    var kind: ProviderPayoutLine.Kind {
        // Held back or released, the money stays at PayPal.
        let isKept = code.hasPrefix("T21") || code.hasPrefix("T15") || code == "T1110" || code == "T1111"
        switch code.prefix(3) {
        case _ where isKept: return .carried
        case "T00": return .payment
        case "T01": return .fee
        case "T12": return .dispute
        default: break
        }
        switch code {
        case "T1107": return .refund
        case "T1106", "T1114", "T1115", "T1116": return .dispute
        case "T1108", "T1109": return .fee
        default: return .adjustment
        }
    }

    var line: ProviderPayoutLine {
        get throws(MoneyError) {
            guard kind == .fee else {
                return ProviderPayoutLine(kind, reference, of: (payment, about), gross: amount, fee: (fee, nil))
            }
            return ProviderPayoutLine(
                .fee, reference, gross: .zero(amount.currency), fee: (try fee.subtracting(amount), nil))
        }
    }
}

/// What has come since the last withdrawal, in each currency.
struct PayPalPurses: Sendable {
    private struct Purse {
        /// The last withdrawal; what is listed up to it was told before.
        var last: DatedName?
        var opening: Money?
        var lines: [ProviderPayoutLine] = []
        var isPast: Bool
    }

    private var purses: [Currency: Purse] = [:]

    /// `EUR 1800000000 0 9XA…` for each currency, with what the withdrawal left.
    init(_ place: String?) throws(OutcomeUnknown) {
        for entry in place?.split(separator: ",") ?? [] {
            let parts = entry.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 4, let currency = Currency(parts[0]), let at = Int64(parts[1]),
                let left = Int64(parts[2])
            else { throw OutcomeUnknown("the place is none of this provider's") }
            purses[currency] = Purse(
                last: DatedName(at: at, name: parts[3]), opening: Money(left, currency), isPast: parts[3].isEmpty)
        }
    }

    /// From when on transactions are wanted.
    var oldest: Instant? { purses.values.compactMap(\.last?.at).min().map { Instant(secondsSince1970: $0) } }

    /// The payout that ends with a transaction, if it is a withdrawal.
    mutating func take(_ row: PayPalTransaction, _ account: AccountAccess) throws(OutcomeUnknown) -> ProviderPayout? {
        do throws(MoneyError) {
            let currency = row.amount.currency
            var purse = try known(currency, from: row)
            defer { purses[currency] = purse }
            guard purse.isPast else {
                // The last withdrawal itself is where what is new begins.
                purse.isPast = row.id == purse.last?.name
                return nil
            }
            guard row.isWithdrawal else {
                purse.lines.append(try row.line)
                return nil
            }
            let payout = try withdrawal(row, &purse)
            purses[currency] = purse
            return ProviderPayout(
                reference: row.id, paidOn: account.localDate(row.at), amount: try row.amount.negated(), state: .paid,
                lines: payout, place: place)
        } catch {
            throw OutcomeUnknown("PayPal's amounts do not add up: \(error)")
        }
    }

    /// What was in the account before the first transaction that is looked at has to be worked out.
    private func known(_ currency: Currency, from row: PayPalTransaction) throws(MoneyError) -> Purse {
        if let purse = purses[currency] { return purse }
        let opening = try row.balance?.subtracting(row.amount.subtracting(row.fee)) ?? .zero(row.amount.currency)
        return Purse(last: DatedName(at: row.at.secondsSince1970, name: ""), opening: opening, isPast: true)
    }

    private func withdrawal(
        _ row: PayPalTransaction, _ purse: inout Purse
    ) throws(MoneyError) -> [ProviderPayoutLine] {
        let none = Money.zero(row.amount.currency)
        let (opening, closing) = (purse.opening ?? none, row.balance ?? none)
        var lines = purse.lines
        for (name, amount) in [("carried-in", opening), ("carried-out", try closing.negated())] where !amount.isZero {
            lines.append(ProviderPayoutLine(.carried, "\(row.id)-\(name)", gross: amount, fee: (none, nil)))
        }
        if !row.fee.isZero {
            lines.append(ProviderPayoutLine(.fee, "\(row.id)-fee", gross: none, fee: (row.fee, nil)))
        }
        purse = Purse(
            last: DatedName(at: row.at.secondsSince1970, name: row.id), opening: closing, isPast: true)
        return lines
    }

    private var place: String {
        purses.sorted { $0.key.code < $1.key.code }.map { currency, purse in
            let last = purse.last ?? DatedName(at: 0, name: "")
            return "\(currency.code) \(last.at) \(purse.opening?.minorUnits ?? 0) \(last.name)"
        }.joined(separator: ",")
    }
}
