import FoundationEssentials
import InvoicingDomain
import PostgresClient

/// Where things are delivered, as a column holds it.
struct DeliveryColumn {
    let json: PostgresJSON?

    init(_ place: DeliveryPlace?) throws {
        json = try place.map { PostgresJSON(Array(try JSONEncoder().encode($0))) }
    }

    init(_ row: Row) throws { json = try row("delivery_address") }

    func place() throws -> DeliveryPlace? {
        try json.map { try JSONDecoder().decode(DeliveryPlace.self, from: Data($0.bytes)) }
    }
}
