package import PaymentModel

/// An issued document as it reads, whether on a page or as data; everything on it is as it was at its issue.
package struct IssuedDocument: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case invoice
        /// Bills a part of a quote before the rest.
        case deposit
        case creditNote
        /// Offers what nothing bills yet (devis); a page and no e-invoice.
        case quote

        /// Whether it asks for money.
        package var isBill: Bool { self == .invoice || self == .deposit }
    }

    package struct Line: Hashable, Sendable {
        package let label: String
        /// Thousandths of a unit; negative where a deposit is taken off.
        package let thousandths: Int64
        /// Of what; nil where nobody said it.
        package let unit: BilledUnit?
        /// Excluding VAT, in ten-thousandths of the currency's main unit; of a sum it may be more than any price.
        package let unitPriceTenThousandths: Int64
        package let discount: Money?
        package let rate: BasisPoints
        /// Whether it bears no VAT for a reason that is said.
        package let isExempt: Bool
        /// Excluding VAT.
        package let net: Money
        /// Who does what it bills.
        package let practitioner: String?
        /// What it is about where nobody wrote it, so that a page can say it in its reader's language.
        package let other: Other?
    }

    /// Another document that a line is about, by its number.
    package enum Other: Hashable, Sendable {
        case deposit(String)
        case invoice(String)
        /// One that the line bills a part of before the rest.
        case quote(String)

        /// As the data say it.
        var label: String {
            switch self {
            case .quote(let number): "Acompte sur devis \(number)"
            case .deposit(let number): "Acompte déjà facturé \(number)"
            case .invoice(let number): "Avoir sur la facture \(number)"
            }
        }

        /// The quote that a line of a deposit is about: the program wrote its label, which is kept with the line.
        fileprivate static func readQuote(in label: String) -> Other? {
            let words = Other.quote("").label
            return label.hasPrefix(words) ? .quote(String(label.dropFirst(words.count))) : nil
        }
    }

    /// What a discount on the whole takes off the lines of one rate, of those that are exempt or of the others.
    package struct Allowance: Hashable, Sendable {
        package let rate: BasisPoints
        package let isExempt: Bool
        package let amount: Money
    }

    /// A document this one refers to.
    package struct Reference: Hashable, Sendable {
        package let number: String
        package let issuedOn: LocalDate?

        package init(number: String, issuedOn: LocalDate?) {
            self.number = number
            self.issuedOn = issuedOn
        }
    }

    package let kind: Kind
    package let number: String
    package let issuedOn: LocalDate
    /// Until when it is to be paid, or binds who offers.
    package let dueOn: LocalDate?
    package let seller: Seller
    package let buyer: Buyer
    /// The clinic that did the work.
    package let establishment: String
    package let lines: [Line]
    /// What is billed; nil where nobody said it of each line, and of a quote, which bills nothing.
    package let operations: Seller.Operations?
    package let allowances: [Allowance]
    package let vat: VATBreakdown
    package let references: [Reference]
    /// Why a credit note was written.
    package let reason: String?
    /// What was said beside the lines.
    package let notes: String?
    package let delivery: DeliveryPlace?
    /// When what it bills was sold or done (CGI annexe II 242 nonies A I 10°); nil where nothing was, as of a deposit.
    package let suppliedOn: LocalDate?
    /// Why lines bear no VAT, each reason once.
    package let exemptions: [String]

    package var currency: Currency { vat.total.currency }

    /// Where it can be paid by transfer, if it asks for money.
    package var payableTo: BankAccount? { kind.isBill && vat.total.isPositive ? seller.bankAccount : nil }
}

// MARK: Making

extension IssuedDocument {
    /// The parties of a document, as they were when it was issued.
    package struct Parties: Hashable, Sendable {
        package let seller: Seller
        package let buyer: Buyer
        package let establishment: String

        package init(seller: Seller, buyer: Buyer, establishment: String) {
            self.seller = seller
            self.buyer = buyer
            self.establishment = establishment
        }
    }

    /// Nil for a draft, which is no document yet.
    ///
    /// - Throws: `Unbalanced` when its lines are not what it bills.
    package init?(_ invoice: Invoice, between parties: Parties) throws {
        guard let number = invoice.number, let issuedOn = invoice.issuedOn else { return nil }
        let currency = invoice.currency
        let scheme = parties.seller.vatScheme
        let exemptions = try Exemptions(of: invoice.content.lines, in: currency, soldBy: scheme)
        let isDeposit = invoice.origin.isDeposit
        var lines = try invoice.content.lines.map { line in
            let quote = isDeposit ? Other.readQuote(in: line.label) : nil
            return try Line(line, in: currency, soldBy: scheme, about: quote)
        }
        let deductions = invoice.origin.deductions
        for deduction in deductions {
            // What a deposit billed of one rate comes off as a line, since its VAT was billed too.
            for share in deduction.shares where share.base.isPositive {
                lines += try exemptions.groups(of: share).map { Line(.deposit(deduction.number), $0, times: -1) }
            }
        }
        self.init(
            kind: isDeposit ? .deposit : .invoice, number: number, issuedOn: issuedOn,
            dueOn: invoice.dueOn, seller: parties.seller, buyer: parties.buyer, establishment: parties.establishment,
            lines: lines,
            operations: Seller.Operations(of: invoice.content.lines, soldBy: parties.seller.operations),
            allowances: try Self.allowances(of: invoice.content, exemptions), vat: invoice.vat,
            references: deductions.map { Reference(number: $0.number, issuedOn: nil) }, reason: nil,
            notes: invoice.content.notes, delivery: invoice.content.delivery, suppliedOn: invoice.suppliedOn,
            exemptions: invoice.content.lines.exemptions)
        try assertBalance()
    }

    /// A credit note says what its invoice says of what it credits.
    package init(_ note: CreditNote, of invoice: Invoice, between parties: Parties) throws {
        let reference = Reference(number: invoice.number ?? "", issuedOn: invoice.issuedOn)
        let credited = note.lines(of: invoice)
        let exemptions = try Exemptions(
            of: invoice.content.lines, in: invoice.currency, soldBy: parties.seller.vatScheme)
        let lines = try note.vat.shares.filter { $0.base.isPositive || $0.vat.isPositive }.flatMap { share in
            try exemptions.groups(of: share).map { Line(.invoice(reference.number), $0, times: 1) }
        }
        self.init(
            kind: .creditNote, number: note.number, issuedOn: note.issuedOn, dueOn: nil, seller: parties.seller,
            buyer: parties.buyer, establishment: parties.establishment, lines: lines,
            operations: Seller.Operations(of: credited, soldBy: parties.seller.operations),
            allowances: [], vat: note.vat, references: [reference], reason: note.reason, notes: nil,
            delivery: invoice.content.delivery, suppliedOn: invoice.suppliedOn,
            exemptions: lines.contains(where: \.isExempt) ? credited.exemptions : [])
        try assertBalance()
    }

    package init(_ quote: Quote, between parties: Parties) throws {
        let (content, currency, scheme) = (quote.content, quote.total.currency, parties.seller.vatScheme)
        let exemptions = try Exemptions(of: content.lines, in: currency, soldBy: scheme)
        self.init(
            kind: .quote, number: quote.number, issuedOn: quote.issuedOn, dueOn: quote.validUntil,
            seller: parties.seller, buyer: parties.buyer, establishment: parties.establishment,
            lines: try content.lines.map { try Line($0, in: currency, soldBy: scheme) }, operations: nil,
            allowances: try Self.allowances(of: content, exemptions), vat: quote.vat, references: [], reason: nil,
            notes: content.notes, delivery: content.delivery, suppliedOn: nil, exemptions: content.lines.exemptions)
        try assertBalance()
    }

    /// Lines that are not what the document bills.
    package struct Unbalanced: Error {
        package let number: String
    }

    /// What an e-invoice says must add up; one document that does not must not end the process of all.
    private func assertBalance() throws(Unbalanced) {
        let lines = lines.reduce(0) { $0 + $1.net.minorUnits }
        let allowances = allowances.reduce(0) { $0 + $1.amount.minorUnits }
        guard lines - allowances == vat.net.minorUnits else { throw Unbalanced(number: number) }
    }

    /// What the discount on the whole takes off each rate: the difference between its lines and its base.
    private static func allowances(of content: DocumentContent, _ exemptions: Exemptions) throws -> [Allowance] {
        guard content.discount != nil else { return [] }
        let without = try VATBreakdown(of: content.lines, in: content.currency)
        let with = try VATBreakdown(of: content.lines, discount: content.discount, in: content.currency)
        var found: [Allowance] = []
        for (before, after) in zip(without.shares, with.shares) {
            let amount = try before.base.subtracting(after.base)
            guard amount.isPositive else { continue }
            found += try exemptions.split(amount, at: before.rate).map { part in
                Allowance(rate: before.rate, isExempt: part.isExempt, amount: part.amount)
            }
        }
        return found
    }
}

extension IssuedDocument.Line {
    fileprivate init(
        _ line: InvoiceLine, in currency: Currency, soldBy scheme: Seller.VATScheme,
        about other: IssuedDocument.Other? = nil
    ) throws {
        let gross = try line.gross(in: currency)
        self.init(
            label: line.label, thousandths: line.quantity.thousandths, unit: line.unit,
            unitPriceTenThousandths: line.unitPrice.tenThousandths,
            discount: try line.discount?.off(gross), rate: line.vatRate, isExempt: line.isExempt(soldBy: scheme),
            net: try line.net(in: currency), practitioner: line.practitioner, other: other)
    }

    /// A part of a document's VAT as one line.
    fileprivate init(_ other: IssuedDocument.Other, _ group: VATGroup, times sign: Int64) {
        let share = group.share
        // A document is bounded by `DocumentContent.totalMax`, so this cannot overflow.
        let scale: Int64 = (0..<(4 - share.base.currency.minorDigits)).reduce(1) { value, _ in value * 10 }
        self.init(
            label: other.label, thousandths: sign * 1_000, unit: nil,
            unitPriceTenThousandths: share.base.minorUnits * scale, discount: nil, rate: share.rate,
            isExempt: group.isExempt, net: Money(sign * share.base.minorUnits, share.base.currency), practitioner: nil,
            other: other)
    }
}
