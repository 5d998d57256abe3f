import TransactionalMessaging

/// Saves how a bank writes its CSV files, under a name.
struct KeepCSVMapping {
    let database: Database
    let mappings = CSVMappingStore()

    func run(_ mapping: CSVMapping, named name: String, because cause: Cause) async throws -> CSVMappingAnswer {
        try await database.change(because: cause) { change in
            try mappings.put(mapping, named: name, in: &change)
            return CSVMappingAnswer(name: name, mapping: mapping)
        }.answer
    }
}
