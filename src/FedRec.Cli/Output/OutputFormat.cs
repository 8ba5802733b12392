namespace FedRec.Cli.Output;

/// <summary>How a command writes its answer.</summary>
internal enum OutputFormat
{
    Table,
    Json,
    Csv,
}
