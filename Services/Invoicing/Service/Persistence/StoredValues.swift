import PaymentModel
import PostgresClient

/// A row holds what no version of this program writes.
struct StoredValueError: Error {
    let column: String
}

func storedCurrency(_ code: String) throws -> Currency {
    guard let currency = Currency(code) else { throw StoredValueError(column: "currency") }
    return currency
}

func storedRate(_ row: Row) throws -> BasisPoints {
    let rate: Int32 = try row("vat_basis_points")
    return BasisPoints(Int(rate))
}
