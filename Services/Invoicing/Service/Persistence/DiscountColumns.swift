import InvoicingDomain
import PaymentModel
import PostgresClient
import TransactionalMessaging

/// A discount as two columns hold it, of which one is filled at most.
struct DiscountColumns {
    let basisPoints: Int32?
    let amount: Int64?

    init(_ discount: Discount?) {
        switch discount {
        case .share(let rate): (basisPoints, amount) = (Int32(rate.value), nil)
        case .amount(let money): (basisPoints, amount) = (nil, money.minorUnits)
        case nil: (basisPoints, amount) = (nil, nil)
        }
    }

    init(_ row: Row) throws {
        basisPoints = try row("discount_basis_points")
        amount = try row("discount_amount")
    }

    func discount(in currency: Currency) -> Discount? {
        basisPoints.map { .share(BasisPoints(Int($0))) } ?? amount.map { .amount(Money($0, currency)) }
    }
}
