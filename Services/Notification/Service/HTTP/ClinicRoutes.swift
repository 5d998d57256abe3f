import HTTPServer
import NotificationDomain
import PaymentModel
import ServiceRuntime
import TransactionalMessaging

/// Where clinics are, as far as their wall clocks and public holidays go (NOT-3, NOT-9).
struct ClinicRoutes {
    let database: Database
    let clinics = ClinicStore()
    let policies = PolicyStore()

    var routes: [Route] {
        let reading = Access.roles([.manager, .frontDesk, .accountant], scope: "policy:read")
        let writing = Access.roles([.manager], scope: "policy:write")
        let (zone, region) = ("/v1/clinics/{clinicID}/time-zone", "/v1/clinics/{clinicID}/holiday-region")
        return [
            Route(.get, zone, operation: "getClinicTimeZone", access: reading, getZone),
            Route(.put, zone, operation: "putClinicTimeZone", access: writing, putZone),
            Route(.get, region, operation: "getClinicHolidayRegion", access: reading, getRegion),
            Route(.put, region, operation: "putClinicHolidayRegion", access: writing, putRegion),
        ]
    }

    @Sendable private func getZone(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        let principal = try request.principal
        try principal.require(clinic)
        let (zone, isOwn) = try await database.read(organisation: principal.organisation) { transaction in
            try clinics.zone(of: clinic, of: principal.organisation, &transaction)
        }
        return try .json(.ok, TimeZoneAnswer(timeZone: zone, isOwn: isOwn))
    }

    @Sendable private func putZone(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        try request.principal.require(clinic)
        let zone = try request.read { fields in
            fields.optionalText("timeZone", max: 64, remedy: "Give a zone such as Indian/Reunion.") { text in
                TimeZones.contains(text) ? text : nil
            }
        }
        try await database.change(because: try request.cause()) { change in
            if let zone, try !clinics.knows(zone, in: &change.transaction) {
                throw Problem.field(
                    "/timeZone", reason: "The database does not know it.", remedy: "Give a zone such as Indian/Reunion."
                )
            }
            try clinics.put(clinic, in: zone, &change)
        }
        return .empty()
    }

    @Sendable private func getRegion(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        let principal = try request.principal
        try principal.require(clinic)
        let (own, usual) = try await database.read(organisation: principal.organisation) { transaction in
            (
                try clinics.region(of: clinic, of: principal.organisation, &transaction),
                try policies.find(principal.organisation, in: &transaction).hours.region
            )
        }
        return try .json(.ok, HolidayRegionAnswer(region: (own ?? usual).rawValue, isOwn: own != nil))
    }

    @Sendable private func putRegion(_ request: Request) async throws -> Response {
        let clinic: ClinicID = try request.path("clinicID")
        try request.principal.require(clinic)
        let region = try request.read { fields in fields.optionalEnumeration("region", as: HolidayRegion.self) }
        try await database.change(because: try request.cause()) { change in
            try clinics.put(clinic, observing: region, &change)
        }
        return .empty()
    }
}

/// Where a clinic's wall clock is.
private struct TimeZoneAnswer: Encodable {
    let timeZone: String
    /// False: where its region is.
    let isOwn: Bool
}

/// Whose holidays a clinic keeps.
private struct HolidayRegionAnswer: Encodable {
    let region: String
    /// False: those of the organisation's policy.
    let isOwn: Bool
}
