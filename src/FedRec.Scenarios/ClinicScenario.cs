using FedRec.Core.Data;

namespace FedRec.Scenarios;

/// <summary>Hospitals: diagnoses and the patient's age and sex are known, drugs and procedures are ranked.</summary>
public static class ClinicScenario
{
    /// <summary>Patients that must have a drug or procedure in training before it is shown.</summary>
    public const int MinimumCohort = 5;

    private const int Patients = 600;
    private const string Drug = "drug", Procedure = "procedure";
    private static readonly string[] s_hospitals = ["hospital-east", "hospital-north", "hospital-south", "hospital-west"];

    private static readonly Profile[] s_profiles =
    [
        new(["essential hypertension", "age 60 to 69"], [("lisinopril", Drug), ("amlodipine", Drug), ("hydrochlorothiazide", Drug), ("ambulatory blood pressure monitoring", Procedure)]),
        new(["congestive heart failure", "age 70 to 79"], [("furosemide", Drug), ("carvedilol", Drug), ("spironolactone", Drug), ("transthoracic echocardiography", Procedure)]),
        new(["type 2 diabetes", "obesity"], [("metformin", Drug), ("insulin glargine", Drug), ("empagliflozin", Drug), ("retinal photography", Procedure)]),
        new(["atrial fibrillation"], [("apixaban", Drug), ("metoprolol", Drug), ("amiodarone", Drug), ("electrical cardioversion", Procedure)]),
        new(["asthma", "age 20 to 29"], [("salbutamol", Drug), ("budesonide", Drug), ("montelukast", Drug), ("spirometry", Procedure)]),
        new(["chronic obstructive pulmonary disease", "tobacco use"], [("tiotropium", Drug), ("ipratropium", Drug), ("prednisone", Drug), ("arterial blood gas analysis", Procedure)]),
        new(["major depression"], [("sertraline", Drug), ("mirtazapine", Drug), ("bupropion", Drug)]),
        new(["hypothyroidism"], [("levothyroxine", Drug), ("thyroid ultrasound", Procedure)]),
        new(["chronic kidney disease"], [("sevelamer", Drug), ("epoetin alfa", Drug), ("calcitriol", Drug), ("haemodialysis", Procedure)]),
        new(["sepsis"], [("vancomycin", Drug), ("piperacillin-tazobactam", Drug), ("norepinephrine", Drug), ("central venous catheterisation", Procedure)]),
        new(["gastro-oesophageal reflux"], [("omeprazole", Drug), ("famotidine", Drug), ("upper gastrointestinal endoscopy", Procedure)]),
        new(["osteoarthritis of the knee", "age 60 to 69"], [("celecoxib", Drug), ("diclofenac", Drug), ("knee replacement", Procedure), ("physiotherapy", Procedure)]),
    ];

    private static readonly (string Title, string Kind)[] s_common = [("paracetamol", Drug), ("enoxaparin", Drug), ("docusate", Drug), ("chest radiograph", Procedure)];

    internal static Dataset Open(DatasetOptions options)
    {
        var rows = options.Path is null ? Create(options.SyntheticSeed) : MimicReader.Read(options.Path, s_hospitals);
        return rows.ToDataset(
            options,
            (catalogue, _) => catalogue with { MinimumCohort = MinimumCohort },
            $"{(options.Path is null ? "one drug or procedure of each patient, drawn at random" : "each patient's last drug or procedure by time")} held out, all drugs and procedures of at least {MinimumCohort} patients ranked, training items removed, ties averaged; what has fewer patients is never found");
    }

    private static GeneratedInteractions Create(ulong seed)
    {
        var rows = new GeneratedInteractions("clinic (made up)");
        new ProfileModel(s_profiles, s_common, "diagnosis", s_hospitals).AddPeople(rows, Patients, seed, "patient-");
        return rows;
    }
}
