package import PaymentModel

/// An offer to a client (devis), on which deposits may be asked for until it becomes an invoice (INV-3).
package struct Quote: Hashable, Sendable {
    /// Where the quote is; whether it has expired depends on the day.
    package enum State: Hashable, Sendable {
        case open, declined
        case invoiced(InvoiceID)
    }

    package let id: QuoteID
    package let clinic: ClinicID
    package let client: ClientID
    package let number: String
    package let issuedOn: LocalDate
    package let validUntil: LocalDate
    package let content: DocumentContent
    package let vat: VATBreakdown
    package private(set) var state: State
    package private(set) var deposits: [Deposit]
}

/// A part of a quote that is to be paid before (acompte): an invoice of its own, which the final one deducts.
package struct Deposit: Hashable, Sendable {
    package let invoice: InvoiceID
    /// Whether it may be paid online.
    package let isOnline: Bool
    /// What it bills.
    package let vat: VATBreakdown
    /// What credit notes left of that, rate by rate.
    package let standing: [VATShare]

    /// Whether all of it was credited: then it binds nobody.
    package var isWithdrawn: Bool { standing.allSatisfy { $0.base.isZero && $0.vat.isZero } }

    package init(invoice: InvoiceID, isOnline: Bool, vat: VATBreakdown, credited: [VATShare] = []) throws {
        self.invoice = invoice
        self.isOnline = isOnline
        self.vat = vat
        standing = try vat.shares.less(credited)
    }
}

/// Why a quote refuses.
package enum QuoteRejection: Error, Hashable, Sendable {
    case validBeforeIssue(LocalDate)
    case nothingQuoted
    case notOpen(Quote.State)
    case expired(LocalDate)
    case beforeIssue(LocalDate)
    case notPositive
    case otherCurrency(Currency)
    /// Deposits are not more than the quote.
    case moreThanLeft(Money)
    /// One deposit of a quote is payable online, unless the organisation lifts that.
    case anotherIsOnline(InvoiceID)
    /// Its deposits accepted it.
    case deposited
}

// MARK: Making and loading

extension Quote {
    package init(
        id: QuoteID, clinic: ClinicID, client: ClientID, number: String, content: DocumentContent, dates: QuoteDates
    ) throws {
        let vat = try content.vat()
        guard vat.total.isPositive else { throw QuoteRejection.nothingQuoted }
        guard dates.validUntil >= dates.issuedOn else { throw QuoteRejection.validBeforeIssue(dates.issuedOn) }
        self.init(
            id: id, clinic: clinic, client: client, number: number, issuedOn: dates.issuedOn,
            validUntil: dates.validUntil, content: content, vat: vat, state: .open, deposits: [])
    }

    /// As it was saved.
    package func with(vat: VATBreakdown, state: State, deposits: [Deposit]) -> Quote {
        Quote(
            id: id, clinic: clinic, client: client, number: number, issuedOn: issuedOn, validUntil: validUntil,
            content: content, vat: vat, state: state, deposits: deposits)
    }
}

/// From when to when a quote binds the clinic.
package struct QuoteDates: Hashable, Sendable {
    package let issuedOn: LocalDate
    package let validUntil: LocalDate

    package init(issuedOn: LocalDate, validUntil: LocalDate) {
        self.issuedOn = issuedOn
        self.validUntil = validUntil
    }
}

// MARK: Moves

extension Quote {
    package var total: Money { vat.total }

    /// What deposits ask for together, less what was credited of them again.
    package var deposited: Money {
        let standing = deposits.flatMap(\.standing)
        return Money(standing.reduce(0) { $0 + $1.base.minorUnits + $1.vat.minorUnits }, total.currency)
    }

    /// What its deposits leave of each rate, less what was credited of them again.
    package var rest: [VATShare] {
        get throws { try deposits.reduce(vat.shares) { try $0.less($1.standing) } }
    }

    /// Asks for a part of it to be paid before.
    ///
    /// Taken one after the other, deposits give base and VAT of each rate exactly as quoted once they are all of it.
    package mutating func ask(
        for amount: Money, by invoice: InvoiceID, isOnline: Bool, severalOnline: Bool, on day: LocalDate
    ) throws -> Deposit {
        try admit(day)
        guard amount.currency == total.currency else { throw QuoteRejection.otherCurrency(amount.currency) }
        guard amount.isPositive else { throw QuoteRejection.notPositive }
        let left = Money(total.minorUnits - deposited.minorUnits, total.currency)
        guard amount.minorUnits <= left.minorUnits else { throw QuoteRejection.moreThanLeft(left) }
        if isOnline, !severalOnline, let other = deposits.first(where: { $0.isOnline && !$0.isWithdrawn }) {
            throw QuoteRejection.anotherIsOnline(other.invoice)
        }
        let deposit = try Deposit(
            invoice: invoice, isOnline: isOnline, vat: VATBreakdown(rest, in: amount.currency).part(of: amount))
        deposits.append(deposit)
        return deposit
    }

    /// Turns it into an invoice.
    package mutating func invoice(as id: InvoiceID, on day: LocalDate) throws(QuoteRejection) {
        try admit(day)
        state = .invoiced(id)
    }

    /// The client does not want it; what deposits billed of it must have been credited before.
    package mutating func decline() throws(QuoteRejection) {
        guard state == .open else { throw .notOpen(state) }
        guard !isAccepted else { throw .deposited }
        state = .declined
    }

    /// What its lines of one rate are together; nil when none of them says it.
    func nature(at rate: BasisPoints, soldBy seller: Seller.Operations?) -> Seller.Operations? {
        let lines = content.lines.filter { $0.vatRate == rate }
        return lines.allSatisfy { $0.nature == nil } ? nil : Seller.Operations(of: lines, soldBy: seller)
    }

    /// A quote expires until the first deposit is asked for: then it was accepted, and binds both.
    private func admit(_ day: LocalDate) throws(QuoteRejection) {
        guard state == .open else { throw .notOpen(state) }
        guard day >= issuedOn else { throw .beforeIssue(issuedOn) }
        guard !hasExpired(on: day) else { throw .expired(validUntil) }
    }

    /// Whether it bound the clinic only until a day before, and nobody accepted it by then.
    package func hasExpired(on day: LocalDate) -> Bool { state == .open && day > validUntil && !isAccepted }

    /// Whether a deposit that was asked for on it binds both.
    private var isAccepted: Bool { deposits.contains { !$0.isWithdrawn } }
}

/// What a final invoice takes off because a deposit billed it.
package struct Deduction: Hashable, Sendable {
    package let deposit: InvoiceID
    package let number: String
    package let shares: [VATShare]

    package init(deposit: InvoiceID, number: String, shares: [VATShare]) {
        self.deposit = deposit
        self.number = number
        self.shares = shares
    }
}

extension [VATShare] {
    /// These less others, rate by rate.
    package func less(_ others: [VATShare]) throws -> [VATShare] {
        try map { share in
            guard let other = others.first(where: { $0.rate == share.rate }) else { return share }
            return VATShare(
                rate: share.rate, base: try share.base.subtracting(other.base),
                vat: try share.vat.subtracting(other.vat))
        }
    }
}
