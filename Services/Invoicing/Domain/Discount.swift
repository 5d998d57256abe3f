package import PaymentModel

/// What is taken off a line or a document before VAT.
package enum Discount: Hashable, Sendable {
    case share(BasisPoints)
    case amount(Money)

    /// What it takes off `net`; never more than that.
    package func off(_ net: Money) throws(MoneyError) -> Money {
        switch self {
        case .share(let rate): try net.share(rate)
        case .amount(let amount): Money(min(amount.minorUnits, net.minorUnits), net.currency)
        }
    }

    /// Whether it is a part of `net`: not below nothing, not above it, in its currency.
    package func fits(_ net: Money) -> Bool {
        switch self {
        case .share(let rate): (0...10_000).contains(rate.value)
        case .amount(let amount):
            amount.currency == net.currency && !amount.isNegative && amount.minorUnits <= net.minorUnits
        }
    }
}

/// What a document bills, before it is anything's invoice or quote.
package struct DocumentContent: Hashable, Sendable {
    package let currency: Currency
    package let lines: [InvoiceLine]
    /// Off the sum of all lines; each rate bears its part.
    package let discount: Discount?
    /// What is said beside the lines.
    package let notes: String?
    package let delivery: DeliveryPlace?
    /// The day of the sale or service, where it was told; of a document that says none it is that of its issue.
    package private(set) var suppliedOn: LocalDate?

    /// The longest notes, in characters.
    package static let notesMax = 500
    /// The most lines one document may have.
    package static let linesMax = 500
    /// The most reasons why lines bear no VAT, which stand below each other on the page.
    package static let exemptionsMax = 5
    /// The most one document may come to, in minor units, as for a payment: sums of millions of them still fit.
    package static let totalMax: Int64 = 999_999_999_999

    package init(
        currency: Currency, lines: [InvoiceLine], discount: Discount? = nil, notes: String? = nil,
        delivery: DeliveryPlace? = nil, suppliedOn: LocalDate? = nil
    ) {
        self.currency = currency
        self.lines = lines
        self.discount = discount
        self.notes = notes
        self.delivery = delivery
        self.suppliedOn = suppliedOn
    }

    /// The same with the day of the sale or service, which only a bill can know.
    package func supplied(on day: LocalDate?) -> DocumentContent {
        var content = self
        content.suppliedOn = day
        return content
    }

    /// The VAT by rate of a content that may be billed, or why it may not.
    package func vat() throws(InvoiceRejection) -> VATBreakdown {
        guard !lines.isEmpty else { throw .noLines }
        guard lines.count <= DocumentContent.linesMax else { throw .tooManyLines(max: DocumentContent.linesMax) }
        if let line = lines.firstIndex(where: { $0.exemption != nil && $0.vatRate.value > 0 }) {
            throw .exemptionBesideVAT(line: line)
        }
        guard lines.exemptions.count <= DocumentContent.exemptionsMax else {
            throw .tooManyExemptions(max: DocumentContent.exemptionsMax)
        }
        do {
            for (index, line) in lines.enumerated() {
                guard let discount = line.discount else { continue }
                guard discount.fits(try line.gross(in: currency)) else {
                    throw InvoiceRejection.discountTooLarge(line: index)
                }
            }
            if let discount {
                let net = try Money.sum(lines.map { try $0.net(in: currency) }, in: currency)
                guard discount.fits(net) else { throw InvoiceRejection.discountTooLarge(line: nil) }
            }
            let vat = try VATBreakdown(of: lines, discount: discount, in: currency)
            guard vat.total.minorUnits <= DocumentContent.totalMax else { throw InvoiceRejection.amountTooLarge }
            return vat
        } catch let rejection as InvoiceRejection {
            throw rejection
        } catch {
            throw .amountTooLarge
        }
    }
}
