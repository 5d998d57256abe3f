package import PaymentModel

/// What an invoice came from.
package enum InvoiceOrigin: Hashable, Sendable {
    /// Written as it is.
    case desk
    /// A deposit that was asked for on a quote; what it bills by rate was decided there.
    case deposit(QuoteID, isOnline: Bool)
    /// A quote that became an invoice, less its deposits.
    case quote(QuoteID, less: [Deduction])

    package var quote: QuoteID? {
        switch self {
        case .desk: nil
        case .deposit(let quote, _), .quote(let quote, _): quote
        }
    }

    package var deductions: [Deduction] {
        if case .quote(_, let deductions) = self { deductions } else { [] }
    }

    /// Whether it bills a part before the rest.
    package var isDeposit: Bool {
        if case .deposit = self { true } else { false }
    }

    /// Whether something was billed before; nothing may be left to pay then.
    package var isDeducted: Bool { !deductions.isEmpty }

    /// Whether it may be paid online.
    package var isPayableOnline: Bool {
        if case .deposit(_, let isOnline) = self { isOnline } else { true }
    }

    /// What an invoice of this origin bills by rate.
    func vat(of content: DocumentContent) throws(InvoiceRejection) -> VATBreakdown {
        let vat = try content.vat()
        guard isDeducted else { return vat }
        do {
            let shares = try deductions.reduce(vat.shares) { left, deduction in try left.less(deduction.shares) }
            return try VATBreakdown(shares, in: content.currency)
        } catch {
            throw .amountTooLarge
        }
    }
}
