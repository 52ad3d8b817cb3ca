import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;

/** HAPI's validator, with the profiles and code systems of FHIR R4, on JSON files: prints what it says, ends with 1 on an error. */
public final class ValidateFhir {
  public static void main(String[] files) throws Exception {
    FhirContext context = FhirContext.forR4();
    FhirInstanceValidator instances =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context)));
    FhirValidator validator = context.newValidator().registerValidatorModule(instances);
    boolean bad = false;
    for (String file : files) {
      Map<String, Integer> said = new TreeMap<>();
      for (SingleValidationMessage message :
          validator.validateWithResult(Files.readString(Path.of(file))).getMessages()) {
        bad |= message.getSeverity().ordinal() >= ResultSeverityEnum.ERROR.ordinal();
        // The same of every entry of a bundle is said once.
        String place = message.getLocationString().replaceAll("\\[\\d+\\]|/\\*.*?\\*/", "");
        said.merge(message.getSeverity() + " " + place + ": " + message.getMessage(), 1, Integer::sum);
      }
      said.forEach((text, count) -> System.out.println(count + " x " + text));
      System.out.println(file + ": " + (bad ? "not valid" : "valid"));
    }
    System.exit(bad ? 1 : 0);
  }
}
